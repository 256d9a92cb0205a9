"""Everything the endpoints may use, built once by the root and never changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from safety.accounts.door import Accounts
from safety.accounts.platform_factor import PlatformFactor
from safety.accounts.second_factor import SecondFactor
from safety.accounts.staff import Staff
from safety.decisions.ask import Asking
from safety.decisions.captchas import Captchas
from safety.decisions.challenge import Challenges
from safety.decisions.decide import Decider
from safety.decisions.explain import Explainer
from safety.decisions.model_versions import ModelVersions
from safety.decisions.steering.parts import Steering
from safety.decisions.versions import RuleVersions
from safety.domain.policies import Policy
from safety.gates.addresses import Proxies
from safety.review.review import Review
from safety.review.statements.walk import Statements
from safety.store.bundles import Active
from safety.web.callers import Keyring
from safety.web.health import Health
from safety.web.metrics import Metrics


class ReloadRules(Protocol):
    """Publishes what the folders of rules hold. Raises `RulesRefused`."""

    def __call__(self, *, author: str, why: str) -> Active: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What `app.state.services` holds."""

    decider: Decider
    challenges: Challenges
    explainer: Explainer
    review: Review
    asking: Asking
    statements: Callable[[], Statements]
    accounts: Accounts
    second_factor: SecondFactor
    platform_factor: PlatformFactor
    captchas: Captchas
    staff: Staff
    keyring: Keyring
    proxies: Proxies
    hosted_tenant: str
    health: Health
    metrics: Metrics
    policies: Callable[[], Mapping[str, Policy]]
    ruleset_error: Callable[[], str | None]
    versions: RuleVersions
    models: ModelVersions
    reload_rules: ReloadRules
    steering: Steering
    serving_version: Callable[[], str]
    clock: Callable[[], float]
    timer: Callable[[], float]
    new_id: Callable[[str], str]


def services_of(request: Request) -> Services:
    """The services of the application that serves this request."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]
