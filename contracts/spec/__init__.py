"""How the published documents are made: JSON Schemas and AsyncAPI from the event classes.

`livret spec` writes them. OpenAPI documents come from the services themselves, so their making is in
`services.cli.spec`; nothing here knows a service.
"""
