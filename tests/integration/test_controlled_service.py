"""The whole service obeys controls that somebody else set, and everybody can see it."""

import asyncio
import json
from pathlib import Path

from safety.app import create_app
from safety.config import Settings
from safety.decisions.decide import Caller
from safety.domain.controls import Control, ControlKind, Over
from safety.domain.verdicts import Verdict
from safety.store import rule_controls
from safety.store.engine import open_engine, write
from tests.controlled_rules import LONG_TEXT
from tests.factories import NOW, Json, an_event, raw

TOLD = "the circuit breaker demoted 1: see `safety-gate rules controls`"
MAIN = Caller("main")


def test_a_demotion_is_obeyed_and_shown_by_readiness_the_desk_and_the_metrics(
    database_url: str, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "long.yaml").write_text(LONG_TEXT)
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, rules_dir=site)
    demoted = Control(
        ControlKind.BREAKER, Over.RULE, "long-text", "", "breaker", NOW, None, Verdict.CHALLENGE
    )
    assert asyncio.run(_asked(settings))["verdict"] == "block"
    engine = open_engine(database_url)
    with write(engine) as connection:
        rule_controls.put(connection, demoted)
    engine.dispose()
    answer = asyncio.run(_asked(settings, "c_2"))
    assert answer["verdict"] == "challenge"
    assert answer["problems"]["controls"] == TOLD
    assert "safety_rules_demotions 1.0" in answer["metrics"]


async def _asked(settings: Settings, name: str = "c_1") -> Json:
    """The answer to one comment, with what is wrong and what is counted."""
    app = create_app(settings)
    async with app.inner.router.lifespan_context(app.inner):
        services = app.services
        event = services.decider.read(raw(an_event(id=name)), lambda: name)
        body = await services.decider.decide(MAIN, event, services.timer())
        return {
            **json.loads(body),
            "problems": services.health.report().problems,
            "metrics": services.metrics.text().decode(),
        }
