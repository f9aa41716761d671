"""All SQL of ticketing, by subject."""
