"""How a portal may look: contrast against an oracle, names, and welcome texts that hold nothing harmful."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.markdown import SCHEMES, TAGS, rendered
from services.tenancy.presentation_model import Appearance, Colours
from services.tenancy.presentation_refusals import ColourUnreadable, ContrastTooLow, PortalNameUnfit
from services.tenancy.rules.presentation import admitted_appearance, contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def slow_contrast(one: str, other: str) -> float:
    """WCAG 2.2 as it is written, in floating point."""

    def light(colour: str) -> float:
        shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@given(COLOURS, COLOURS)
def test_contrast_is_that_of_the_formula(one: str, other: str) -> None:
    assert float(contrast(one, other)) == pytest.approx(slow_contrast(one, other), rel=1e-12)
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == Decimal("4.54")


def test_the_ratio_that_was_refused_is_told_rounded_down() -> None:
    with pytest.raises(ContrastTooLow) as refused:
        admitted_appearance(Appearance("Cabinet", Colours(text="#777777", accent="#FFCC00")))
    told = {error.pointer: error.message for error in refused.value.errors}
    assert "4.47 : 1" in told["/colours/text"]
    assert set(told) == {"/colours/text", "/colours/accent", "/colours/on_accent"}


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "Cabinet\u202eevil", "a\x07b", "a\u200bb"])
def test_a_name_that_is_none_or_hides_something(name: str) -> None:
    with pytest.raises(PortalNameUnfit):
        admitted_appearance(Appearance(name))


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345", "#1234567", "#12345g", "rgb(0,0,0)", "#٠٠٠٠٠٠"])
def test_a_colour_that_is_none(colour: str) -> None:
    with pytest.raises(ColourUnreadable):
        admitted_appearance(Appearance("Cabinet", Colours(text=colour)))


def test_markdown_is_rendered() -> None:
    assert rendered("**Bonjour** *à* tous\n\n- un\n- deux") == (
        "<p><strong>Bonjour</strong> <em>à</em> tous</p>\n<ul>\n<li>un</li>\n<li>deux</li>\n</ul>"
    )
    assert rendered("[nous écrire](mailto:a@b.example)") == (
        '<p><a href="mailto:a@b.example" rel="noopener noreferrer nofollow">nous écrire</a></p>'
    )


@pytest.mark.parametrize(
    "welcome",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)' onclick=x>a</a>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](//evil.example)",
        "[a](/logout)",
        "![a](https://tracker.example/p.png)",
        '[a](https://b.example "\\"><script>")',
        "```html\n<script>alert(1)</script>\n```",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        '<https://b.example/"onmouseover=alert(1)>',
        "[a][1]\n\n[1]: javascript:alert(1)",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_nothing_harmful_comes_out(welcome: str) -> None:
    require_harmless(rendered(welcome))


@given(st.text(alphabet=st.sampled_from("<>\"'/=&;:()[]!#*`\\ \nabjscriptonload:x1"), max_size=200))
def test_nothing_harmful_comes_out_of_any_text(welcome: str) -> None:
    require_harmless(rendered(welcome))


def require_harmless(html: str) -> None:
    """Only tags of the list, only links that may be, no other attribute."""
    for tag, attributes in re.findall(r"</?([a-zA-Z0-9]*)([^>]*)>", html):
        assert tag in TAGS, html
        for name, value in re.findall(r'\s([^\s=]+)="([^"]*)"', attributes):
            assert name in {"href", "title", "rel"}, html
            assert name != "href" or value.split(":")[0] in SCHEMES, html
