"""Fixtures that give the tests real servers, and the steps that drain queued work."""
