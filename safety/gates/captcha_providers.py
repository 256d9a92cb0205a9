"""The hosted CAPTCHA providers that are known: where they verify, and what they promise."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Codes of all providers that say something of us, not of who answered: nobody passes or fails.
# Not `sitekey-secret-mismatch`: whoever sends a token of another site's widget brings that about.
_OUR_FAULT = frozenset({"missing-input-secret", "invalid-input-secret", "internal-error"})


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as its documentation describes it.

    `gives_action` and `gives_score` say what its answer carries; `gives_subject` that the page may
    hand it a subject (`cdata`) which comes back signed; `takes_retry` that a token may be asked
    about again under the same idempotency key; `takes_site_key` that it checks whose token it is.
    """

    name: str
    verify_url: str
    test_secrets: frozenset[str]
    gives_action: bool = False
    gives_score: bool = False
    gives_subject: bool = False
    takes_retry: bool = False
    takes_site_key: bool = False


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        provider.name: provider
        for provider in (
            # developers.cloudflare.com/turnstile/get-started/server-side-validation
            Provider(
                name="turnstile",
                verify_url="https://challenges.cloudflare.com/turnstile/v0/siteverify",
                test_secrets=frozenset(
                    f"{digit}x0000000000000000000000000000000AA" for digit in "123"
                ),
                gives_action=True,
                gives_subject=True,
                takes_retry=True,
            ),
            # docs.hcaptcha.com
            Provider(
                name="hcaptcha",
                verify_url="https://api.hcaptcha.com/siteverify",
                test_secrets=frozenset({f"0x{'0' * 40}"}),
                takes_site_key=True,
            ),
            # developers.google.com/recaptcha/docs/verify and /docs/v3
            Provider(
                name="recaptcha_v2",
                verify_url="https://www.google.com/recaptcha/api/siteverify",
                test_secrets=frozenset({"6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"}),
            ),
            Provider(
                name="recaptcha_v3",
                verify_url="https://www.google.com/recaptcha/api/siteverify",
                test_secrets=frozenset({"6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"}),
                gives_action=True,
                gives_score=True,
            ),
        )
    }
)

# Published secrets with which everything passes: zeros in every length that was ever documented.
_ZEROS = re.compile(r"(?:[0-9]x)?0{16,}(?:AA)?", re.IGNORECASE)


def is_test_secret(provider: str, secret: str) -> bool:
    """Whether a secret is one that the provider publishes for tests: it lets everybody pass."""
    known = PROVIDERS.get(provider)
    return known is not None and (secret in known.test_secrets or _is_zeros(secret))


def is_our_fault(code: str) -> bool:
    """Whether a provider's error code blames the configuration or itself, not the answer."""
    return code in _OUR_FAULT


def _is_zeros(secret: str) -> bool:
    return _ZEROS.fullmatch(secret) is not None
