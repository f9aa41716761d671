"""The schema of ticketing, step by step."""
