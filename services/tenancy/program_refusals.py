"""Every "no" about programs and their keys; and those of the token endpoint, in the words of RFC 6749."""

from typing import ClassVar, Self

from chassis.refusals import Pointer, Refusal
from services.tenancy.refusals import ValueRefused


class ProgramUnknown(Refusal):
    slug = "program-unknown"
    status = 404
    sentence = "There is no such program."


class ProgramKeyUnknown(Refusal):
    slug = "program-key-unknown"
    status = 404
    sentence = "There is no such key of this program."


class ProgramDisabled(Refusal):
    slug = "program-disabled"
    status = 409
    clause = "11-b"
    sentence = "This program is disabled: register another one instead."


class ProgramKeyDisabled(Refusal):
    slug = "program-key-disabled"
    status = 409
    clause = "11-b"
    sentence = "This key is disabled already; give another one instead."


class KeyNameTaken(ValueRefused):
    slug = "key-name-taken"
    status = 409
    sentence = "Another live key of this program has this name."
    pointer = "/name"


class TooManyKeys(Refusal):
    slug = "too-many-keys"
    status = 409
    sentence = "A program has at most ten live keys: disable one first."


class ScopesUnfit(ValueRefused):
    slug = "scopes-unfit"
    sentence = "A program holds at least one scope, each of those that such programs may hold."
    pointer = "/scopes"


class KeyLifetimeUnfit(ValueRefused):
    slug = "key-lifetime-unfit"
    sentence = "A key expires after now, and within two years."
    pointer = "/expires_at"


class PublicKeyUnfit(ValueRefused):
    slug = "public-key-unfit"
    sentence = "A public key is an EC key on P-256 (ES256), or an RSA key of 2048 to 4096 bits (RS256)."
    pointer = "/public_key"

    @classmethod
    def of(cls, value: object) -> Self:
        """The refusal of this key, with what is the matter; the key itself is not quoted."""
        return cls(errors=[Pointer(cls.pointer, str(value)[:200])])


class TokenRequestRefused(Refusal):
    """A "no" of the token endpoint: it leaves as RFC 6749, 5.2 says, with one of its words as `error`."""

    slug = "token-request-refused"
    status = 400
    sentence = "This token request is refused."
    error: ClassVar[str] = "invalid_request"


class TokenRequestUnfit(TokenRequestRefused):
    slug = "token-request-unfit"
    sentence = "A token request is a form, each field given once, with one way of proving who asks."


class GrantUnsupported(TokenRequestRefused):
    slug = "grant-unsupported"
    sentence = "Tokens are given for client_credentials alone."
    error = "unsupported_grant_type"


class ScopeRefused(TokenRequestRefused):
    slug = "scope-refused"
    sentence = "This program does not hold all of the scopes that were asked for."
    error = "invalid_scope"


class ClientRefused(TokenRequestRefused):
    slug = "client-refused"
    status = 401
    clause = "11-b"
    sentence = "This client is not known, or did not prove that it is itself."
    error = "invalid_client"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Basic realm="livret"'})


class TooManyTokenRequests(TokenRequestRefused):
    slug = "too-many-token-requests"
    status = 429
    sentence = "Too many token requests: wait before the next one; a token is good for ten minutes."
    error = "temporarily_unavailable"
