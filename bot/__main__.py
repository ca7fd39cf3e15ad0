"""`python -m bot`: the same as `pavois`."""

from bot.cli import main

main()
