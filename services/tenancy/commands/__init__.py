"""What can happen in tenancy, one function each: load and lock, decide, save, emit last.

Each takes an open transaction, and the instants it decides on. Those of the door take the database, since
an attempt is counted whether or not it succeeds.
"""
