"""The routes of ticketing, by who uses them."""

from fastapi import APIRouter

from services.ticketing.api import (
    compliance,
    handling,
    knowledge,
    queue,
    registration,
    report,
    suspensions,
    tickets,
)

ROUTERS: list[APIRouter] = [
    *registration.ROUTERS,
    *tickets.ROUTERS,
    *handling.ROUTERS,
    *suspensions.ROUTERS,
    *knowledge.ROUTERS,
    *queue.ROUTERS,
    *compliance.ROUTERS,
    *report.ROUTERS,
]
