"""All SQL of the catalogue, by subject: offerings, what is heard, choices, activations."""
