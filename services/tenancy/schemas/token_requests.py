"""A token request as it arrives: a form, and perhaps an `Authorization` header. RFC 6749, 2.3 and 4.4.

Its faults are answered in the words of that RFC, so that no framework reads it first.
"""

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from services.tenancy.assertions import MAX_ASSERTION, client_named
from services.tenancy.program_model import TokenAsked
from services.tenancy.program_refusals import ClientRefused, TokenRequestUnfit

FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_FORM = 16_384
MAX_FIELDS = 20
MAX_VALUE = 1_000
_TEXT: dict[str, Any] = {"type": "string", "maxLength": MAX_VALUE}

FORM_SHAPE: dict[str, Any] = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "scope": _TEXT | {"examples": ["companies:read catalog:read"]},
                    "client_id": _TEXT,
                    "client_secret": _TEXT | {"format": "password"},
                    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
                    "client_assertion": {"type": "string", "maxLength": MAX_ASSERTION},
                },
            }
        }
    },
}
"""The form, for the API document."""


def token_asked(body: bytes, content_type: str, authorization: str) -> TokenAsked:
    """What is asked, and the one proof of who asks. Raises TokenRequestUnfit or ClientRefused."""
    form = _form(body, content_type)
    scope = form.get("scope")
    grant, scopes = _given(form, "grant_type"), None if scope is None else tuple(scope.split())
    ways = [authorization != "", "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise TokenRequestUnfit("More than one way of proving who asks.")
    if authorization:
        client_id, secret = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise TokenRequestUnfit("The client_id of the form is not that of the header.")
        return TokenAsked(grant, client_id, secret=secret, scopes=scopes)
    if "client_assertion" in form:
        return TokenAsked(grant, _asserted(form), assertion=form["client_assertion"], scopes=scopes)
    if "client_secret" not in form:
        raise ClientRefused("The request proves nothing of who asks.")
    return TokenAsked(grant, _given(form, "client_id"), secret=form["client_secret"], scopes=scopes)


def _form(body: bytes, content_type: str) -> dict[str, str]:
    """The fields, each given once; one without a value counts as absent (RFC 6749, 3.2)."""
    if content_type.partition(";")[0].strip().lower() != FORM or len(body) > MAX_FORM:
        raise TokenRequestUnfit(f"Send {FORM}, at most {MAX_FORM} bytes.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise TokenRequestUnfit("The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise TokenRequestUnfit("A field is given twice.")
    return {name: _bounded(name, value) for name, value in fields.items() if value}


def _bounded(name: str, value: str) -> str:
    longest = MAX_ASSERTION if name == "client_assertion" else MAX_VALUE
    if len(value) > longest or "\0" in value:
        raise TokenRequestUnfit("A field is too long, or holds what no field holds.")
    return value


def _given(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise TokenRequestUnfit(f"{name} is missing.")
    return form[name]


def _basic(authorization: str) -> tuple[str, str]:
    """Client id and secret, which are form-encoded within the header (RFC 6749, 2.3.1)."""
    kind, _, value = authorization.partition(" ")
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        found = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise ClientRefused from None
    if kind.lower() != "basic" or not colon or len(decoded) > 2 * MAX_VALUE:
        raise ClientRefused
    return found


def _asserted(form: dict[str, str]) -> str:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRequestUnfit(f"client_assertion_type is to be {ASSERTION_TYPE}.")
    named = client_named(form["client_assertion"])
    if form.get("client_id", named) != named:
        raise ClientRefused
    return named
