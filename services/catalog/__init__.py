"""The catalogue: which services there are, and who has activated which.

owns   offerings and their stricter terms, what a portal shows, activations, the demonstration's end
says   ServicePublished, ServiceWithdrawn, ServiceActivated, ServiceDeactivated, DemonstrationEnded
hears  CustomerRegistered, CompanyRegistered, CompanyActivated, CompanyDeactivated, AccessRightsChanged,
       CredentialDisabled
"""
