"""One module for each command of `hemvist`; each offers it as `command`, and web/cli.py finds it there."""
