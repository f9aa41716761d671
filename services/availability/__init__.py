"""Availability: what was interrupted and why, the month's contractual rate and its evidence, the weather.

Owns what is watched and from where, and what probes and alerts found; outages, exclusions and maintenance
with their histories; months as they were closed, their revisions, and commitments that were lost; the weather
as it was last told; the register of hosting commitments.
Says outages detected, ended and corrected; exclusions; maintenance planned, started, ended and cancelled;
months closed, and a commitment that can no longer be met.
Hears customers and their contracts of tenancy, the services of the catalogue and who has them in use.
"""
