"""Identity: who calls, who may, the tokens that say so, and the credentials that no longer do.

A service accepts one thing: an ES256 bearer token of tenancy's, verified offline. Permissions are types:
`FirmAdmin = Annotated[Caller, allowed(Role.firm_admin)]`.
"""

from chassis.auth.caller import Caller, NotAllowed, NotAuthenticated, ScopeInsufficient, TokenRefused
from chassis.auth.permissions import (
    Anyone,
    Permission,
    Public,
    UndeclaredPermission,
    allowed,
    authenticated,
    permission_of,
)
from chassis.auth.revocation import Revocations, credential_disabled, revoke
from chassis.auth.tokens import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    JWKS_PATH,
    KeySource,
    KeysUnavailable,
    SigningKey,
    TokenVerifier,
    claims_of,
    keys_at,
    sign,
)
from chassis.roles import COMPANY_ROLES, FIRM_ROLES, PROGRAM_ROLES, PUBLISHER_ROLES, Role

__all__ = [
    "ALGORITHM",
    "AUDIENCE",
    "COMPANY_ROLES",
    "FIRM_ROLES",
    "ISSUER",
    "JWKS_PATH",
    "PROGRAM_ROLES",
    "PUBLISHER_ROLES",
    "Anyone",
    "Caller",
    "KeySource",
    "KeysUnavailable",
    "NotAllowed",
    "NotAuthenticated",
    "Permission",
    "Public",
    "Revocations",
    "Role",
    "ScopeInsufficient",
    "SigningKey",
    "TokenRefused",
    "TokenVerifier",
    "UndeclaredPermission",
    "allowed",
    "authenticated",
    "claims_of",
    "credential_disabled",
    "keys_at",
    "permission_of",
    "revoke",
    "sign",
]
