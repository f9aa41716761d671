"""The catalogue's routes, by who uses them: the publisher, the portals, the firm that activates, support."""

from services.catalog.api import activations, catalogue, offerings, support

ROUTERS = [*offerings.ROUTERS, *catalogue.ROUTERS, *activations.ROUTERS, *support.ROUTERS]
