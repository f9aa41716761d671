"""Where programs get their tokens (RFC 6749, section 4.4), and what describes that place (RFC 8414)."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from chassis.auth import JWKS_PATH, Public
from chassis.documents import TOKEN_PATH
from chassis.operations import API_PREFIX
from chassis.scopes import SCOPES
from services.tenancy.api.permissions import mounted_at
from services.tenancy.commands import tokens as commands
from services.tenancy.program_model import Granted
from services.tenancy.program_refusals import TokenRequestRefused
from services.tenancy.rules.programs import ASSERTION_ALGORITHMS
from services.tenancy.schemas import programs as shapes
from services.tenancy.schemas.token_requests import FORM_SHAPE, token_asked

METADATA_PATH = "/.well-known/oauth-authorization-server"
router = APIRouter(tags=["programs"])

WAYS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.TokenRefused, "description": "RFC 6749, 5.2: what is wrong with the request."},
    401: {"model": shapes.TokenRefused, "description": "RFC 6749, 5.2: invalid_client."},
    429: {"model": shapes.TokenRefused, "description": "Too many requests; `Retry-After` says when."},
}


@router.post(
    TOKEN_PATH.removeprefix(API_PREFIX),
    dependencies=[Public],
    response_model=shapes.ProgramToken,
    responses=_REFUSED,
    openapi_extra={"requestBody": FORM_SHAPE},
)
async def give_token(request: Request) -> Response:
    """Gives a program a token of ten minutes for its secret, or for an assertion it has signed.

    The secret comes in the `Authorization` header (Basic) or in the form; an assertion (`private_key_jwt`,
    ES256 or RS256, RFC 7523) names its client as `iss` and `sub`, this address or the issuer as `aud`, an
    `exp` at most five minutes ahead and a `jti` that is used once. `scope` narrows what the token is for.
    """
    try:
        granted = await _granted(request)
    except TokenRequestRefused as refused:
        return _refusal(refused)
    token = shapes.ProgramToken(
        access_token=granted.token, expires_in=granted.seconds, scope=" ".join(sorted(granted.scopes))
    )
    return JSONResponse(token.model_dump(), headers=_NEVER_KEPT)


async def _granted(request: Request) -> Granted:
    headers, state = request.headers, request.app.state
    body = await request.body()
    asked = token_asked(body, headers.get("content-type", ""), headers.get("authorization", ""))
    address = request.client.host if request.client else ""
    key = await state.keys.signing()
    now = state.clock.system_now()
    return await commands.grant_token(state.db, key, asked, _audiences(request), address, now)


def _audiences(request: Request) -> frozenset[str]:
    """How an assertion may name us: as the issuer, or by this endpoint's address."""
    issuer: str = request.app.state.settings.origin
    return frozenset({issuer, f"{issuer}{mounted_at(request)}{TOKEN_PATH}"})


def _refusal(refused: TokenRequestRefused) -> Response:
    told = shapes.TokenRefused(error=refused.error, error_description=refused.detail or refused.sentence)
    headers = {**refused.headers, **_NEVER_KEPT}
    if refused.retry_after is not None:
        headers["Retry-After"] = str(refused.retry_after)
    return JSONResponse(told.model_dump(), refused.status, headers=headers)


def install(app: FastAPI) -> None:
    """Adds the metadata document, outside `/v1`; the origin shows it at its own root too."""
    app.add_api_route(METADATA_PATH, describe_authority, include_in_schema=False)


async def describe_authority(request: Request) -> shapes.AuthorityShown:
    """RFC 8414: where tokens are given, how, and for what."""
    issuer: str = request.app.state.settings.origin
    here = f"{issuer}{mounted_at(request)}"
    return shapes.AuthorityShown(
        issuer=issuer,
        token_endpoint=f"{here}{TOKEN_PATH}",
        jwks_uri=f"{here}{JWKS_PATH}",
        scopes_supported=sorted(SCOPES),
        response_types_supported=[],
        grant_types_supported=[commands.GRANT],
        token_endpoint_auth_methods_supported=list(WAYS),
        token_endpoint_auth_signing_alg_values_supported=sorted(ASSERTION_ALGORITHMS),
        service_documentation=f"{here}/reference",
    )
