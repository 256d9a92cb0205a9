"""CAPTCHAs, put together: our own proof of work, and the hosted provider that is configured."""

from collections.abc import Callable

from safety.app.world import World
from safety.config import ConfigurationError, Secrets, Settings
from safety.decisions.captchas import Captchas
from safety.domain.challenges import WhenAway
from safety.gates.captcha_pow import ProofOfWork
from safety.gates.captcha_providers import PROVIDERS, is_test_secret
from safety.gates.captcha_remote import HostedCaptcha, Hosting
from safety.gates.outage import ChallengeWatch


def build_captchas(
    settings: Settings, secrets: Secrets, world: World, raised: Callable[[], int]
) -> Captchas:
    """What poses and checks CAPTCHAs. Raises `ConfigurationError` for keys that cannot work."""
    lasts = settings.challenge_seconds
    return Captchas(
        engine=world.engine,
        own=ProofOfWork(secrets["proof"], lasts, settings.challenge_cost),
        now=world.clock,
        lasts=lasts,
        hosted=_hosted(settings),
        when_away=WhenAway(settings.captcha_unavailable),
        away_by_action={
            action: WhenAway(policy) for action, policy in settings.captcha_unavailable_for.items()
        },
        watch=ChallengeWatch(world.timer),
        raised=raised,
    )


def _hosted(settings: Settings) -> HostedCaptcha | None:
    name, secret = settings.captcha_provider, settings.captcha_secret.get_secret_value()
    if name not in PROVIDERS:
        return None
    if not settings.captcha_site_key or not secret:
        raise ConfigurationError(
            f"SAFETY_CAPTCHA_PROVIDER={name} needs SAFETY_CAPTCHA_SITE_KEY and "
            "SAFETY_CAPTCHA_SECRET"
        )
    if settings.environment == "production":
        _refuse_tests(settings, secret)
    hosting = Hosting(
        site_key=settings.captcha_site_key,
        secret=secret,
        hostname=settings.captcha_hostname,
        minimum_score=settings.captcha_minimum_score,
        verify_url=settings.captcha_verify_url,
    )
    return HostedCaptcha(PROVIDERS[name], hosting)


def _refuse_tests(settings: Settings, secret: str) -> None:
    if is_test_secret(settings.captcha_provider, secret):
        raise ConfigurationError(
            "SAFETY_CAPTCHA_SECRET is the one that the provider publishes for tests: everybody "
            "passes with it, so it is refused in production"
        )
    if not settings.captcha_hostname:
        raise ConfigurationError(
            "SAFETY_CAPTCHA_HOSTNAME is needed in production: without it, tokens that were solved "
            "on any other site with the same key would pass"
        )
    url = settings.captcha_verify_url
    if url and not url.startswith("https://"):
        raise ConfigurationError("SAFETY_CAPTCHA_VERIFY_URL must begin with https:// in production")
