"""Every setting an operator may change, its default and its meaning. Read by app and cli only."""

import difflib
import json
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from safety.assets import shipped

PREFIX = "SAFETY_"
_KEY_BYTES = 32
EUROPEAN_UNION = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
# The member states of the European Union.
_EU = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


class ConfigurationError(Exception):
    """The service cannot start as configured; the message says what to change."""


class Settings(BaseSettings):
    """Read from `SAFETY_*` environment variables. A name that is not listed here is refused."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    environment: Literal["development", "production"] = Field(
        default="development",
        description="production refuses plain-HTTP cookies and hides the API documentation",
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="port to listen on")
    connections_per_address: int = Field(
        default=512,
        ge=1,
        description="connections that one address may hold; trusted proxies are not counted",
    )
    data_dir: Path = Field(
        default=Path("data"), description="folder of the database and of the secrets file"
    )
    database_url: str = Field(
        default="",
        description="sqlite:///path or postgresql://...; empty is safety.db in the data folder",
    )
    sqlite_synchronous: Literal["full", "normal"] = Field(
        default="full",
        description="full survives a power cut, normal survives a killed process",
    )
    rules_dir: Path | None = Field(
        default=None, description="a site's own rules, merged over the shipped ones by id"
    )
    rules_poll_seconds: float = Field(
        default=1.0, gt=0, description="how often rule files are looked at for changes"
    )
    breaker_share: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="share of actors beyond which a rule without backtest, a list entry or a model "
        "runs away",
    )
    breaker_overturns: float = Field(
        default=0.5, gt=0, le=1, description="share that moderators keep, beyond which a rule falls"
    )
    breaker_hours: float = Field(
        default=1.0,
        gt=0,
        description="hours for which a match rate demotes, before a new try",
    )
    breaker_may_shadow: bool = Field(
        default=False, description="whether a match rate alone may end a rule's challenges as well"
    )
    shadow_samples: int = Field(
        default=20, ge=0, description="matches a day of each shadow rule that wait for a moderator"
    )
    rules_build_seconds: float = Field(
        default=10.0, gt=0, description="rules that take longer to compile and test are refused"
    )
    undo_alone_accounts: int = Field(
        default=100, ge=0, description="undoing what a rule did to more accounts takes two persons"
    )
    backtest_seconds: float = Field(
        default=300.0, gt=0, description="a backtest that is asked for at the desk ends by then"
    )
    models_dir: Path = Field(
        default_factory=lambda: shipped("models"), description="folder of the models"
    )
    encoder: bool = Field(
        default=True, description="ask the second stage about texts that the first leaves open"
    )
    encoder_wait_ms: float = Field(
        default=100.0, gt=0, description="how long an event waits for the second stage at most"
    )
    decision_deadline_ms: float = Field(
        default=1000.0, gt=0, description="answered by then, unless the request says sooner"
    )
    ledger_batch: int = Field(
        default=512, ge=1, description="most decisions written in one transaction"
    )
    ledger_queue: int = Field(
        default=10_000, ge=1, description="decisions waiting to be written before new ones degrade"
    )
    counter_entities: int = Field(
        default=300_000, ge=1000, description="logs of counts kept in memory, 230 to 520 bytes each"
    )
    behaviour_actors: int = Field(
        default=10_000,
        ge=100,
        description="actors whose behaviour is kept in memory, up to 10 kilobytes each",
    )
    challenge_seconds: float = Field(
        default=300.0, gt=0, description="how long a challenge may be answered"
    )
    challenge_cost: int = Field(
        default=5_000, ge=1, description="hash iterations per try of the proof of work"
    )
    secure_cookies: bool | None = Field(
        default=None,
        description="send staff cookies over HTTPS only; unset means in production",
    )
    argon2_profile: Literal["owasp-19mib", "owasp-46mib", "owasp-12mib", "rfc9106-64mib"] = Field(
        default="owasp-19mib",
        description="how dear one password hash is; hashes of another profile are renewed at login",
    )
    hashing_threads: int = Field(
        default=0, ge=0, le=64, description="passwords hashed at once; 0 is one per core"
    )
    hashing_queue: int = Field(
        default=64,
        ge=1,
        description="passwords waiting for their turn before logins are told to wait",
    )
    hashing_wait_seconds: float = Field(
        default=2.0, gt=0, description="longest wait of a password for its turn"
    )
    password_minimum: int = Field(
        default=15, ge=6, le=64, description="shortest password where it is the only factor"
    )
    password_minimum_with_second_factor: int = Field(
        default=8, ge=6, le=64, description="shortest password of an account with a second factor"
    )
    session_days: float = Field(
        default=30.0, gt=0, le=366, description="how long a user stays signed in at most"
    )
    session_idle_days: float = Field(
        default=14.0, gt=0, le=366, description="how long a user stays signed in without a visit"
    )
    totp_issuer: str = Field(
        default="Safety Gate",
        min_length=1,
        max_length=40,
        description="name that authenticator apps show",
    )
    staff_totp: Literal["required", "optional"] = Field(
        default="required",
        description="optional lets a one-time link into the desk without a code, in development",
    )
    trusted_proxies: list[str] = Field(
        default_factory=list,
        description="networks whose forwarding headers are believed, as a JSON list of CIDRs",
    )
    limits: dict[str, str] = Field(
        default_factory=dict,
        description="rates that replace those of the limits table, as a JSON object",
    )
    longest_delay_seconds: float = Field(
        default=30.0,
        ge=0,
        le=300,
        description="how long a sign-in waits at most after wrong passwords in a row",
    )
    second_opinion_rate: float = Field(
        default=0.02, ge=0, le=1, description="share of decided items that somebody looks at again"
    )
    audit_rate: float = Field(
        default=0.005, ge=0, le=1, description="share of what rules block that a person looks at"
    )
    golden_rate: float = Field(
        default=0.01, ge=0, le=1, description="golden items shown per decided item of their queue"
    )
    two_person_actions: list[Literal["remove", "warn", "limit", "suspend", "ban"]] = Field(
        default_factory=list,
        description="actions that take effect when a second person agrees, as a JSON list",
    )
    territories: list[str] = Field(
        default_factory=lambda: list(EUROPEAN_UNION),
        description="countries that statements of reasons are about, as a JSON list of ISO codes",
    )
    captcha_provider: Literal[
        "proof_of_work", "turnstile", "hcaptcha", "recaptcha_v2", "recaptcha_v3"
    ] = Field(default="proof_of_work", description="what a challenge asks of a person")
    captcha_site_key: str = Field(default="", description="the hosted provider's public key")
    captcha_secret: SecretStr = Field(
        default=SecretStr(""), description="the hosted provider's secret"
    )
    captcha_hostname: str = Field(
        default="", description="host name that a hosted CAPTCHA must have been solved on"
    )
    captcha_minimum_score: float = Field(
        default=0.5, ge=0, le=1, description="lowest reCAPTCHA v3 score that passes"
    )
    captcha_verify_url: str = Field(
        default="", description="where hosted answers are verified; empty is the provider's address"
    )
    captcha_unavailable: Literal["proof_of_work", "closed", "open"] = Field(
        default="proof_of_work", description="what a challenge becomes while the provider is away"
    )
    captcha_unavailable_for: dict[str, Literal["proof_of_work", "closed", "open"]] = Field(
        default_factory=dict,
        description="the same for single event types or actions, as a JSON object",
    )
    webhook_allowed_hosts: list[str] = Field(
        default_factory=list,
        description="hosts that webhooks may reach over HTTP or on private networks, a JSON list",
    )
    hosted_pages: bool = Field(
        default=False, description="serve the sign-up and sign-in pages under /gate"
    )
    hosted_tenant: str = Field(
        default="demo",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="the tenant of the hosted pages",
    )
    undo_seconds: float = Field(
        default=10.0, ge=0, le=600, description="how long a decision at the desk may be undone"
    )
    lease_seconds: float = Field(
        default=600.0, ge=30, le=3600, description="how long an item stays on somebody's desk"
    )
    search_days: float = Field(
        default=90.0, gt=0, description="how far back the desk finds words of texts"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least severe log line that is written"
    )

    @property
    def resolved_database_url(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'safety.db').resolve()}"

    @property
    def cookies_are_secure(self) -> bool:
        """Whether staff cookies carry `Secure` and the `__Host-` prefix."""
        if self.secure_cookies is None:
            return self.environment == "production"
        return self.secure_cookies

    @property
    def rule_directories(self) -> tuple[Path, ...]:
        """Folders of rules, the shipped one first."""
        shipped_rules = shipped("rules")
        return (shipped_rules, self.rules_dir) if self.rules_dir else (shipped_rules,)

    @property
    def site_models_dir(self) -> Path:
        """Folder of the versions of models that were made on this site."""
        return self.data_dir / "models"

    @property
    def resolved_hashing_threads(self) -> int:
        """How many passwords are hashed at once: one for each core that may be used, by default."""
        has_affinity = hasattr(os, "sched_getaffinity")
        cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
        return self.hashing_threads or cores

    @property
    def keyring_file(self) -> Path:
        """Where the keys are kept that encrypt second factors and pepper passwords."""
        return self.data_dir / "keyring.json"

    @property
    def secrets_file(self) -> Path:
        """Where the random secrets of this installation are kept, readable by its owner only."""
        return self.data_dir / "secrets.json"


def load_settings() -> Settings:
    """Settings from the environment. Raises `ConfigurationError` on unknown or invalid names."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known and name not in _NOT_SETTINGS:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigurationError(f"{name} is not a setting{hint}")
    try:
        settings = Settings()
    except ValueError as error:
        raise ConfigurationError(_plain(error)) from None
    if settings.environment == "production" and not settings.cookies_are_secure:
        raise ConfigurationError("SAFETY_SECURE_COOKIES=false is refused in production")
    if settings.environment == "production" and settings.staff_totp == "optional":
        raise ConfigurationError("SAFETY_STAFF_TOTP=optional is refused in production")
    return settings


# Read by tests and by the checkout's own scripts, never by the service.
_NOT_SETTINGS = frozenset({"SAFETY_DATA_DIR_SHARED", "SAFETY_REQUIRE_BROWSER"})


def _plain(error: ValueError) -> str:
    details = getattr(error, "errors", None)
    if details is None:
        return str(error)
    return "; ".join(f"{PREFIX}{str(d['loc'][0]).upper()}: {d['msg']}" for d in details())


class Secrets:
    """The random keys of one installation: pepper of API keys, proofs of work, audit."""

    NAMES = ("pepper", "proof", "audit")

    def __init__(self, values: dict[str, SecretStr]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> bytes:
        return bytes.fromhex(self._values[name].get_secret_value())

    @classmethod
    def load_or_create(cls, path: Path) -> "Secrets":
        """Read the secrets file, making it (mode 0600) on first use.

        Raises `ConfigurationError` if the file is damaged or readable by others.
        """
        if path.exists():
            return cls._read(path)
        values = {name: secrets.token_hex(_KEY_BYTES) for name in cls.NAMES}
        try:
            # The name appears whole or not at all, also when two processes start at once.
            with NamedTemporaryFile("w", encoding="ascii", dir=path.parent) as draft:  # mode 0600
                json.dump(values, draft)
                draft.flush()
                os.fsync(draft.fileno())
                os.link(draft.name, path)
        except FileExistsError:
            return cls._read(path)
        except OSError as error:
            raise ConfigurationError(
                f"cannot write {path}: {error.strerror}. Make the folder writable or set "
                f"{PREFIX}DATA_DIR"
            ) from None
        return cls({name: SecretStr(value) for name, value in values.items()})

    @classmethod
    def _read(cls, path: Path) -> "Secrets":
        try:
            mode = path.stat().st_mode & 0o077
            values = json.loads(path.read_text(encoding="ascii"))
            ready = {name: SecretStr(values[name]) for name in cls.NAMES}
            weak = any(len(bytes.fromhex(values[n])) < _KEY_BYTES for n in cls.NAMES)
        except (OSError, ValueError, KeyError, TypeError):
            raise ConfigurationError(
                f"{path} is damaged: restore it from a backup. Without it API keys stop working"
            ) from None
        if mode:
            raise ConfigurationError(f"{path} is readable by others: run chmod 600 on it")
        if weak:
            raise ConfigurationError(f"{path} holds a secret of fewer than {_KEY_BYTES} bytes")
        return cls(ready)
