"""The routes of availability, by who uses them."""

from fastapi import APIRouter

from services.availability.api import (
    alerts,
    exclusions,
    hosting,
    maintenance,
    months,
    outages,
    probes,
    targets,
    weather,
)

ROUTERS: list[APIRouter] = [
    *outages.ROUTERS,
    *exclusions.ROUTERS,
    *maintenance.ROUTERS,
    *months.ROUTERS,
    *weather.ROUTERS,
    *hosting.ROUTERS,
    *targets.ROUTERS,
    *probes.ROUTERS,
    *alerts.ROUTERS,
]
