"""The HTTP side of the chassis, on a real PostgreSQL."""
