"""The services. Each imports `chassis` and `contracts`, never another service."""
