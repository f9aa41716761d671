"""A logo as it is taken in: decoded, and written anew as PNG.

Nothing of the file that came survives but its pixels: no metadata, no colour profile, no second file hidden
behind the first. Its size is read from its header before a pixel is decoded.
"""

import hashlib
import io

from PIL import Image, ImageOps

from services.tenancy.presentation_model import Logo, LogoFacts
from services.tenancy.presentation_refusals import (
    LogoFormatRefused,
    LogoTooLarge,
    LogoUnreadable,
    LogoVectorRefused,
)

MAX_BYTES = 512 * 1024
MAX_SIDE = 1024
MAX_PNG = 4 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def logo_of(content: bytes) -> Logo:
    """The logo that a file holds, the first image of an animated one. Works a core for some 50 ms.

    Raises LogoTooLarge, LogoFormatRefused, LogoVectorRefused or LogoUnreadable.
    """
    if len(content) > MAX_BYTES:
        raise LogoTooLarge(f"It has {len(content)} bytes.")
    _require_format(content)
    png, (width, height) = _rewritten(content)
    if len(png) > MAX_PNG:
        raise LogoTooLarge("It has too much detail: as PNG it is over 4 MiB.")
    return Logo(png, LogoFacts(hashlib.sha256(png).hexdigest(), width, height))


def _require_format(content: bytes) -> None:
    """What a file is, its first bytes tell, whatever its name or type says."""
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if webp or content.startswith(SIGNATURES):
        return
    beginning = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith(b"<") and b"<svg" in content[:4096].lower():
        raise LogoVectorRefused
    raise LogoFormatRefused


def _rewritten(content: bytes) -> tuple[bytes, tuple[int, int]]:
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise LogoTooLarge from None
    except Exception as fault:  # what a decoder raises on a hostile file has no list
        raise LogoUnreadable from fault
    with opened:
        if max(opened.size) > MAX_SIDE:
            raise LogoTooLarge(f"It is {opened.width} by {opened.height} pixels.")
        return _written(opened)


def _written(opened: Image.Image) -> tuple[bytes, tuple[int, int]]:
    try:
        upright = ImageOps.exif_transpose(opened)
        pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Exception as fault:  # as above
        raise LogoUnreadable from fault
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    written = io.BytesIO()
    bare.save(written, "PNG", optimize=False)
    return written.getvalue(), bare.size
