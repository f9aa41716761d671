"""What availability speaks of, by subject: frozen values and enumerations."""
