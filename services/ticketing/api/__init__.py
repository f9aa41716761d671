"""The routes of ticketing, by who uses them."""

from fastapi import APIRouter

ROUTERS: list[APIRouter] = []
