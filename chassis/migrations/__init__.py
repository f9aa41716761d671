"""The chassis's own tables, in every service's database; their version is kept apart from the service's."""
