"""Pure decisions of availability, by subject: exact, in whole seconds.

A fraction of a second counts as the second it falls in, of a start and of an end alike; so intervals that
touch still touch, and what begins and ends within one second has no length.
"""
