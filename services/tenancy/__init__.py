"""Tenancy: who is a customer, which companies it has, who may enter, and with what right.

Owns   customers, portals' addresses and looks, billing details, companies, people, credentials, sessions,
       access rights, signing keys, imports of companies.
Says   CustomerRegistered, SupportPlanChanged, AdminAccessIssued, CompanyRegistered, CompanyActivated,
       CompanyDeactivated, CredentialIssued, CredentialDisabled, AccessRightsChanged,
       PortalPresentationChanged.
Hears  nothing: it is the authority the others listen to.

Clauses 3-a, 3-b, 4-a, 4-f, 11-a, 11-b, 15-c and 17-a are decided here.
"""
