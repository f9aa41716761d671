"""The HTTP shapes of ticketing, by subject."""
