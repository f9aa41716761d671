"""The routes of ticketing, by who uses them."""

from fastapi import APIRouter

from services.ticketing.api import (
    assistance,
    attachments,
    attendance,
    bookings,
    compliance,
    handling,
    interventions,
    knowledge,
    mail,
    messages,
    queue,
    registration,
    registrations,
    report,
    schedule,
    sessions,
    suspensions,
    technicians,
    tickets,
)

ROUTERS: list[APIRouter] = [
    *registration.ROUTERS,
    *tickets.ROUTERS,
    *handling.ROUTERS,
    *suspensions.ROUTERS,
    *messages.ROUTERS,
    *attachments.ROUTERS,
    *mail.ROUTERS,
    *knowledge.ROUTERS,
    *queue.ROUTERS,
    *compliance.ROUTERS,
    *report.ROUTERS,
    *assistance.ROUTERS,
    *bookings.ROUTERS,
    *technicians.ROUTERS,
    *sessions.ROUTERS,
    *registrations.ROUTERS,
    *interventions.ROUTERS,
    *attendance.ROUTERS,
    *schedule.ROUTERS,
]
