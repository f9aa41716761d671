"""The routes of availability, by who uses them."""

from fastapi import APIRouter

ROUTERS: list[APIRouter] = []
