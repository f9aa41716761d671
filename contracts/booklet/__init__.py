"""The service booklet as data, and the business time that follows from it.

`booklet.yaml` (another publisher names its own with `LIVRET_BOOKLET`) holds the calendars and points to the
clauses; `cases/` holds worked cases of each clause that can be decided. `loader.py` reads them strictly into
the frozen values of `model.py`. `hours.py` counts business time on the calendars. Not here: the rules that
decide the clauses, which stand in the service that keeps them; a clause only names its rule.
"""
