"""The command line: how it is used wrongly, and what it says then."""
