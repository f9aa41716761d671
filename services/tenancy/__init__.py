"""Tenancy: who is a customer, which companies it has, who may enter, and with what right.

Owns   customers, the terms of their contracts, portals' addresses and looks, billing details, companies,
       people, credentials, sessions, access rights, signing keys, imports of companies.
Says   CustomerRegistered, SupportPlanChanged, AdminAccessIssued, CompanyRegistered, CompanyActivated,
       CompanyDeactivated, CredentialIssued, CredentialDisabled, AccessRightsChanged,
       PortalPresentationChanged, SubscriptionRenewed, NonRenewalNotified, NonRenewalWithdrawn,
       PriceRevisionNotified, ContractEnded.
Hears  DemonstrationEnded, before which prices are not raised (16-b). Of all else it is the authority.

Clauses 3-a, 3-b, 4-a, 4-f, 11-a, 11-b, 15-c, 16-a to 16-d and 17-a are decided here.
"""
