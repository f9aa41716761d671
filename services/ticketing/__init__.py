"""Ticketing: the rules by which a ticket's contractual clocks run, and an anomaly's criticality is told.

Owns nothing yet: the rules decide, and `livret tickets` asks them; tickets themselves are not kept here yet.
"""
