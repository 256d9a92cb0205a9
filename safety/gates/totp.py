"""TOTP (RFC 6238): a secret that an authenticator app shares, and the codes it shows.

The parameters are those that every app understands: SHA-1, six digits, thirty seconds.
"""

import re
from base64 import b32encode
from dataclasses import dataclass
from hmac import compare_digest
from io import BytesIO

import segno
from pyotp import TOTP

SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits recommended
STEP_SECONDS = 30

# RFC 6238, section 5.2: one step for the delay between phone and server, and no more.
_WINDOW = 1
_CODE = re.compile(r"[0-9]{6}")  # not \d, which is true of digits in every script
_QUIET_ZONE = 4  # modules of white around a QR code: ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Matched:
    """The time step a code belongs to, and by how many steps the phone's clock is ahead of ours."""

    step: int
    drift: int


def new_secret(random: bytes) -> str:
    """A secret for an authenticator app, in base32, from 20 random bytes.

    Raises `ValueError` when there are fewer or more bytes.
    """
    if len(random) != SECRET_BYTES:
        raise ValueError(f"a TOTP secret needs {SECRET_BYTES} random bytes")
    return b32encode(random).decode("ascii")


def uri(secret: str, account: str, issuer: str) -> str:
    """What the QR code says: an `otpauth://` address that authenticator apps read."""
    name, shown_issuer = (
        text.encode("utf-8", "replace").decode("utf-8") for text in (account, issuer)
    )
    return TOTP(secret, name=name, issuer=shown_issuer).provisioning_uri()


def qr_svg(address: str) -> str:
    """The address as a QR code: one `<svg>` to be put into a page.

    Black on white in any colour scheme, because scanners want it so; sized by the page; without
    styles or scripts, so the strictest content security policy allows it.
    """
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn,
        kind="svg",
        border=_QUIET_ZONE,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        nl=False,
        title="QR code for an authenticator app",
    )
    return drawn.getvalue().decode("utf-8").replace("<svg ", '<svg role="img" ', 1)


def is_code(text: str) -> bool:
    """Whether a text has the shape of a code: six ASCII digits."""
    return _CODE.fullmatch(text) is not None


def match(secret: str, code: str, at: float, *, last_step: int) -> Matched | None:
    """The step that a code belongs to, or None when it is not right now, or was used before.

    Only steps after `last_step` count: a code works once, and none before it works again. The
    caller must write the step down with one conditional statement. Takes as long for a wrong code
    as for a right one.
    """
    given = code if is_code(code) else "x" * 6
    generator, now = TOTP(secret), int(at // STEP_SECONDS)
    found = None
    for drift in range(-_WINDOW, _WINDOW + 1):
        step = max(now + drift, 0)
        is_right = compare_digest(generator.generate_otp(step), given)
        if is_right and step > last_step and found is None:
            found = Matched(step, drift)
    return found
