"""Every "no" about the presentation of a portal (3-a)."""

from chassis.refusals import Refusal


class PortalNameUnfit(Refusal):
    slug = "portal-name-unfit"
    status = 422
    clause = "3-a"
    sentence = "A portal's name is 1 to 100 visible characters."


class ColourUnreadable(Refusal):
    slug = "colour-unreadable"
    status = 422
    clause = "3-a"
    sentence = "A colour is written as # and six hexadecimal digits."


class ContrastTooLow(Refusal):
    slug = "contrast-too-low"
    status = 422
    clause = "3-a"
    sentence = "Text must stand out from what it stands on: a contrast of 4.5 : 1 at least (WCAG 2.2, 1.4.3)."


class LogoFormatRefused(Refusal):
    slug = "logo-format-refused"
    status = 415
    clause = "3-a"
    sentence = "A logo is a PNG, JPEG or WebP image."


class LogoVectorRefused(LogoFormatRefused):
    slug = "logo-svg-refused"
    sentence = (
        "An SVG is a document that may hold scripts and fetch from elsewhere: export the logo as PNG instead."
    )


class LogoUnreadable(Refusal):
    slug = "logo-unreadable"
    status = 422
    clause = "3-a"
    sentence = "This image is damaged or cut short."


class LogoTooLarge(Refusal):
    slug = "logo-too-large"
    status = 413
    clause = "3-a"
    sentence = "A logo has at most 512 KiB, and at most 1024 pixels either way."


class LogoMissing(Refusal):
    slug = "logo-missing"
    status = 404
    sentence = "This portal has no logo."


class PortalUnknown(Refusal):
    slug = "portal-unknown"
    status = 404
    sentence = "No portal has this address."
