"""`python -m scheduler` is `masthead`."""

from scheduler.cli import main

main()
