"""A logo is decoded and written anew: nothing but its pixels survives, and no file eats the machine."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chassis.refusals import Refusal
from services.tenancy.logos import MAX_BYTES, logo_of
from services.tenancy.presentation_refusals import (
    LogoFormatRefused,
    LogoTooLarge,
    LogoUnreadable,
    LogoVectorRefused,
)

SECRET = b"GPS 48.8566 N"


def image(form: str, mode: str = "RGB", size: tuple[int, int] = (8, 4), **options: Any) -> bytes:
    """A picture whose left half is red."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    picture.convert(mode).save(written, form, **options)
    return written.getvalue()


def opened(png: bytes) -> Image.Image:
    """What was written, which must be a PNG."""
    return Image.open(io.BytesIO(png), formats=["PNG"])


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_each_format_becomes_png(form: str) -> None:
    logo = logo_of(image(form, lossless=True) if form == "WEBP" else image(form, size=(64, 32)))
    found = opened(logo.png)
    assert (found.size, found.mode) == ((logo.facts.width, logo.facts.height), "RGB")
    left: Any = found.getpixel((0, 0))
    assert left[0] > 240
    assert left[1] < 20


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        (image("PNG", "L"), "RGB"),
        (image("PNG", "1"), "RGB"),
        (image("PNG", "P"), "RGB"),
        (image("PNG", "LA"), "RGBA"),
        (image("PNG", "RGBA"), "RGBA"),
        (image("PNG", "P", transparency=0), "RGBA"),
        (image("JPEG", "CMYK"), "RGB"),
    ],
)
def test_each_kind_of_pixels(content: bytes, mode: str) -> None:
    assert opened(logo_of(content).png).mode == mode


def test_metadata_and_what_hides_behind_are_gone() -> None:
    told = PngInfo()
    told.add_text("Comment", SECRET.decode())
    polyglot = image("PNG", pnginfo=told, icc_profile=SECRET) + b"PK\x03\x04<script>" + SECRET
    jpeg = image("JPEG", exif=b"Exif\x00\x00" + SECRET, comment=SECRET)
    for content in (polyglot, jpeg):
        assert SECRET in content
        png = logo_of(content).png
        assert SECRET not in png
        assert set(chunks(png)) == {b"IHDR", b"IDAT", b"IEND"}
        assert png.endswith(b"IEND\xaeB`\x82")


def chunks(png: bytes) -> list[bytes]:
    """The kinds of a PNG's chunks."""
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.append(png[place + 4 : place + 8])
        place += length + 12
    return found


def test_a_photograph_is_turned_as_its_camera_said() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = logo_of(image("JPEG", size=(64, 32), exif=exif)).facts
    assert (facts.width, facts.height) == (32, 64)


def test_the_same_pixels_have_the_same_digest() -> None:
    told = PngInfo()
    told.add_text("Comment", "another")
    assert logo_of(image("PNG")).facts == logo_of(image("PNG", pnginfo=told)).facts


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims that many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A small PNG with a compressed text of 100 MB."""
    png = image("PNG")
    data = b"Comment\0\0" + zlib.compress(b"\0" * 100_000_000)
    text = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return png[:33] + text + png[33:]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", LogoFormatRefused),
        (b"no image at all", LogoFormatRefused),
        (image("GIF"), LogoFormatRefused),
        (image("BMP"), LogoFormatRefused),
        (image("TIFF"), LogoFormatRefused),
        (b"%PDF-1.7", LogoFormatRefused),
        (b"<html><body>", LogoFormatRefused),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', LogoVectorRefused),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE svg><SVG onload="x"/>', LogoVectorRefused),
        (image("PNG")[:50], LogoUnreadable),
        (image("JPEG", size=(64, 64))[:-200], LogoUnreadable),
        (image("WEBP")[:-20], LogoUnreadable),
        (b"\x89PNG\r\n\x1a\n", LogoUnreadable),
        (b"\xff\xd8\xff" + b"\0" * 50, LogoUnreadable),
        (b"RIFF\x20\0\0\0WEBPVP8 " + b"\xff" * 40, LogoUnreadable),
        (text_bomb(), LogoUnreadable),
        (bomb(1025, 1), LogoTooLarge),
        (bomb(1, 1025), LogoTooLarge),
        (bomb(10_000, 10_000), LogoTooLarge),
        (bomb(60_000, 60_000), LogoTooLarge),
        (bomb(2**31 - 1, 2**31 - 1), LogoTooLarge),
        (image("PNG") + b"\0" * MAX_BYTES, LogoTooLarge),
    ],
)
def test_what_is_no_logo_is_refused_by_name(content: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        logo_of(content)
    assert type(refused.value) is refusal
