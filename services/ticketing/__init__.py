"""Ticketing: what customers ask of support and of customer service, and the clocks that the contract sets.

Owns tickets with their histories, clocks, waits and messages; suspensions of support; the queues, the
knowledge base, remote assistance and web sessions; the year's compliance.
Says a ticket's life: registered, acknowledged, taken in charge, qualified, answered, left out, closed; that a
deadline approaches or is missed; that support is suspended and resumed; that an intervention is planned.
Hears customers, their plans, companies and contracts of tenancy, and the products of the catalogue.
"""
