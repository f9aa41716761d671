"""Metering: what a month's invoice counts, and the evidence for it.

owns   the facts of counting: when companies and services were active, when access was given, since when
       a customer pays
says   nothing yet
hears  CustomerRegistered, CompanyRegistered, CompanyActivated, CompanyDeactivated, CredentialIssued,
       ServicePublished, ServiceActivated, ServiceDeactivated, DemonstrationEnded, CredentialDisabled
"""
