"""The schema of availability, step by step."""
