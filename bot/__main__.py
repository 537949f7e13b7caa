"""`python -m bot` does what the installed `sanzhang` does."""

from bot.cli import main

main()
