"""What ticketing speaks of, by subject: frozen values and enumerations."""
