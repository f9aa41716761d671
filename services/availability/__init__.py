"""Availability: the rules by which a month's contractual rate and planned maintenance are judged.

Owns nothing yet: the rules decide, and `livret availability` asks them; outages, exclusions and maintenance
are not kept here yet.
"""
