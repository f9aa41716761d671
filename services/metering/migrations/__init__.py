"""The schema of metering, step by step."""
