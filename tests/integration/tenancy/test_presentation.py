"""3-a: a firm defines how its portal looks; its login page shows it to anybody, and nothing else."""

import io
from typing import Any

import httpx
from PIL import Image

from chassis.resync import resync
from contracts.events.tenancy import PortalPresentationChanged
from services.tenancy.app import SERVICE
from tests.integration.tenancy.portal import Firm, Portal, slug_of

COLOURS = {"text": "#111111", "background": "#FFFFFF", "accent": "#0b5394", "on_accent": "#ffffff"}
LOOK = {"name": "Cabinet Éclair", "colours": COLOURS, "welcome": "**Bonjour** <script>x</script>"}


def picture(colour: str = "red", form: str = "PNG") -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.new("RGB", (8, 4), colour).save(written, form)
    return written.getvalue()


async def define(firm: Firm, seen: str = "*", **changes: Any) -> httpx.Response:
    """The firm's administrator defines the presentation."""
    return await firm.admin.put("/v1/presentation", json=LOOK | changes, headers={"If-Match": seen})


async def put_logo(firm: Firm, content: bytes, seen: str = "*") -> httpx.Response:
    """The firm's administrator puts a logo."""
    return await firm.admin.put("/v1/presentation/logo", content=content, headers={"If-Match": seen})


async def test_a_portal_looks_as_its_firm_defined(portal: Portal) -> None:
    firm = await portal.new_firm()
    first = await firm.admin.get("/v1/presentation")
    assert (first.json()["name"], first.json()["revision"], first.headers["etag"]) == (firm.slug, 0, '"0"')
    defined = await define(firm, first.headers["etag"])
    assert (defined.status_code, defined.headers["etag"]) == (200, '"1"')
    assert defined.json()["welcome"] == LOOK["welcome"]
    assert defined.json()["welcome_html"] == "<p><strong>Bonjour</strong> &lt;script&gt;x&lt;/script&gt;</p>"
    assert defined.json()["colours"]["background"] == "#ffffff"
    assert (await firm.admin.get("/v1/presentation")).json() == defined.json()


async def test_the_login_page_shows_it_to_anybody_and_nothing_else(portal: Portal) -> None:
    firm = await portal.new_firm(name="Nom de Registre")
    anybody = portal.client()
    path = f"/v1/portals/{firm.slug}/presentation"
    before = await anybody.get(path)
    assert (before.status_code, before.json()["name"]) == (200, firm.slug)
    assert "Nom de Registre" not in before.text
    await define(firm)
    await put_logo(firm, picture())
    shown = await anybody.get(f"/v1/portals/{firm.slug.upper()}/presentation")
    assert set(shown.json()) == {"name", "colours", "welcome_html", "logo"}
    assert shown.json()["name"] == LOOK["name"]
    assert shown.headers["cache-control"] == "public, max-age=60"
    again = await anybody.get(path, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", shown.headers["etag"])
    await define(firm, name="Autre")
    assert (await anybody.get(path, headers={"If-None-Match": shown.headers["etag"]})).status_code == 200


async def test_an_address_that_no_portal_has(portal: Portal) -> None:
    anybody = portal.client()
    unknown = await anybody.get("/v1/portals/no-such-portal/presentation")
    assert (unknown.status_code, slug_of(unknown)) == (404, "portal-unknown")
    bare = await portal.new_firm()
    for address in ("no-such-portal", bare.slug):
        answer = await anybody.get(f"/v1/portals/{address}/presentation/logo")
        assert (answer.status_code, slug_of(answer)) == (404, "logo-missing")


async def test_a_logo_is_put_shown_and_taken_away(portal: Portal) -> None:
    firm = await portal.new_firm()
    put = await put_logo(firm, picture(form="JPEG"), '"0"')
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    digest = put.json()["logo"]["digest"]
    for client, path in (
        (firm.admin, "/v1/presentation/logo"),
        (portal.client(), f"/v1/portals/{firm.slug}/presentation/logo"),
    ):
        shown = await client.get(path)
        assert (shown.headers["content-type"], shown.headers["etag"]) == ("image/png", f'"{digest}"')
        assert Image.open(io.BytesIO(shown.content)).format == "PNG"
        assert "sandbox" in shown.headers["content-security-policy"]
        known = await client.get(path, headers={"If-None-Match": f'W/"{digest}"'})
        assert (known.status_code, known.content) == (304, b"")
    assert (await define(firm)).json()["logo"]["digest"] == digest
    removed = await firm.admin.delete("/v1/presentation/logo", headers={"If-Match": '"2"'})
    assert (removed.status_code, removed.json()["logo"]) == (200, None)
    assert removed.json()["name"] == LOOK["name"]
    missing = await firm.admin.delete("/v1/presentation/logo", headers={"If-Match": "*"})
    assert (missing.status_code, slug_of(missing)) == (404, "logo-missing")


async def test_the_second_editor_learns_that_the_first_was_faster(portal: Portal) -> None:
    firm = await portal.new_firm()
    assert (await firm.admin.put("/v1/presentation", json=LOOK)).status_code == 428
    assert (await firm.admin.put("/v1/presentation/logo", content=picture())).status_code == 428
    assert (await define(firm, '"0"')).status_code == 200
    assert (await define(firm, '"0"', name="Autre")).status_code == 412
    assert (await put_logo(firm, picture(), '"0"')).status_code == 412


async def test_each_refusal_says_why(portal: Portal) -> None:
    firm = await portal.new_firm()
    faint = await define(firm, colours=COLOURS | {"text": "#777777"})
    assert (faint.status_code, slug_of(faint), faint.json()["clause"]) == (422, "contrast-too-low", "3-a")
    assert "4.47 : 1" in faint.json()["detail"]
    assert slug_of(await define(firm, colours=COLOURS | {"text": "navy"})) == "colour-unreadable"
    assert slug_of(await define(firm, name="\u202e")) == "portal-name-unfit"
    assert slug_of(await define(firm, welcome="x" * 5001)) == "input-refused"
    for content, status, slug in (
        (b"<svg/>", 415, "logo-svg-refused"),
        (b"GIF89a", 415, "logo-format-refused"),
        (picture()[:50], 422, "logo-unreadable"),
        (picture() + b"\0" * 600_000, 413, "logo-too-large"),
    ):
        answer = await put_logo(firm, content)
        assert (answer.status_code, slug_of(answer)) == (status, slug)
    assert (await firm.admin.get("/v1/presentation")).json()["revision"] == 0


async def test_who_may_not_define_is_refused_before_the_image_is_looked_at(portal: Portal) -> None:
    firm = await portal.new_firm()
    collaborator = await firm.new_person("firm_collaborator")
    answer = await collaborator.put("/v1/presentation/logo", content=b"<svg/>", headers={"If-Match": "*"})
    assert answer.status_code == 403
    assert (await collaborator.get("/v1/presentation")).status_code == 200


async def test_each_change_is_said_whole_and_again_on_demand(portal: Portal) -> None:
    firm = await portal.new_firm()
    await define(firm)
    await define(firm)
    logo = (await put_logo(firm, picture())).json()["logo"]
    await put_logo(firm, picture())
    await firm.admin.delete("/v1/presentation/logo", headers={"If-Match": "*"})
    said = await changes_said(firm)
    assert [(event.revision, event.logo_digest) for event in said] == [
        (1, None),
        (2, logo["digest"]),
        (3, None),
    ]
    assert (said[0].name, said[0].background_colour, said[0].welcome) == (
        LOOK["name"],
        "#ffffff",
        LOOK["welcome"],
    )
    await resync(portal.db, SERVICE)
    assert (await changes_said(firm))[3:] == said[2:]


async def changes_said(firm: Firm) -> list[PortalPresentationChanged]:
    """What was said of the firm's presentation."""
    return [event for event in await firm.said() if isinstance(event, PortalPresentationChanged)]


async def test_the_trail_tells_what_it_was_and_what_it_became(portal: Portal) -> None:
    firm = await portal.new_firm()
    await define(firm)
    await define(firm, name="Autre")
    await put_logo(firm, picture())
    lines = (await firm.admin.get("/v1/audit", params={"action": "define_presentation"})).json()["items"]
    assert (lines[0]["before"], lines[0]["after"]) == ({"name": LOOK["name"]}, {"name": "Autre"})
    (line,) = (await firm.admin.get("/v1/audit", params={"action": "put_logo"})).json()["items"]
    assert (line["before"], len(line["after"]["logo"])) == ({"logo": None}, 64)
