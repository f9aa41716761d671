"""The sub-commands of `livret`, one module each.

A module's `add(subparsers)` declares its options and sets `run`; what the command needs is imported
when it runs, so that a question which needs no database is answered at once.
"""
