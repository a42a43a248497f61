"""What the server keeps: redacted questions for a while, opinions on answers, counts.

SQLite in HEMVIST_DATA, or PostgreSQL. Importing its modules costs a quarter of a second (`errors` and
`version` do not), so who answers questions does it in the thread that writes, never on the way to an answer.
"""
