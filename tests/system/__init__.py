"""Real processes, started and ended as a person or a machine would."""
