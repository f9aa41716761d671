"""Kills everything while it delivers, and counts what was lost, doubled or reordered.

`python -m tests.torture --bus postgres` (`make torture`): a small producer and a small consumer, on the
chassis's own delivery, in processes that are killed at random times together with PostgreSQL and the
broker. Every count must be 0. `--plant FAULT` breaks one promise on purpose, to see that it is found.
"""
