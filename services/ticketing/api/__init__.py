"""The routes of ticketing, by who uses them."""

from fastapi import APIRouter

from services.ticketing.api import knowledge, queue

ROUTERS: list[APIRouter] = [*knowledge.ROUTERS, *queue.ROUTERS]
