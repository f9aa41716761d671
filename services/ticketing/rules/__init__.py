"""Pure decisions of ticketing, by subject."""
