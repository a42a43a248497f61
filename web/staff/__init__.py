"""The pages of those who keep the knowledge: sign in, see what is to be done, decide who may do it.

`routes` is the table of every address and of the role it takes; a view is imported when it is first asked for, so that
a server that only answers visitors does not wait for the database's parts.
"""
