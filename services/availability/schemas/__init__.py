"""The HTTP shapes of availability, by subject."""
