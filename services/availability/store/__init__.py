"""All SQL of availability, by subject."""
