"""The inbox: what a service has heard, each event once, and how it is worked off.

    receive_once   bus -> inbox, then acknowledge                       (store.py)
    work_once      one pass over one of the sixteen lanes               (work.py, lanes.py, stages.py)
    replay, discard, resume, list_dead, standing                        (holds.py)

Order holds per (producer, key). A lane has all events of a key, and one worker at a time.
"""

from chassis.inbox.holds import Dead, Standing, discard, list_dead, replay, resume, standing
from chassis.inbox.store import purge, receive_once, register, store
from chassis.inbox.work import work_once

__all__ = [
    "Dead",
    "Standing",
    "discard",
    "list_dead",
    "purge",
    "receive_once",
    "register",
    "replay",
    "resume",
    "standing",
    "store",
    "work_once",
]
