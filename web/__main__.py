"""`python -m web` is the command `hemvist`."""

from web.cli import main

main()
