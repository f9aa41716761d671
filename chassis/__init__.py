"""What every service stands on: database, delivery, identity, HTTP conventions, time.

The chassis imports `contracts` and nothing else of ours. It exposes single steps (`relay_once`,
`work_once`, `tick_once`), with a loop around them in `chassis.runtime`.
"""
