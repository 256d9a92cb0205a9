"""What the decision endpoint is measured against.

Two endpoints that do nothing, and one that does the work the straightforward way: a pickled
pipeline, an ORM session per request, an ordinary framework endpoint.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.types import Receive, Scope, Send

from safety.assets import shipped
from safety.domain.features import Kind, Source
from safety.ruleset.load import load_bundle
from safety.web.schemas import DecisionOut

# An answer as the service gives it, field for field.
_ANSWER: dict[str, Any] = {
    "id": "dec_19f0c2a41b7c3d0a1b2c3d4e5",
    "event_id": "evt_19f0c2a41b7c3d0a1b2c3d4e5",
    "type": "comment",
    "verdict": "allow",
    "reasons": [],
    "policy": None,
    "message": None,
    "challenge": None,
    "item": None,
    "retry_after": None,
    "scores": {"spam": 0.0123},
    "ruleset": "0123456789ab",
    "models": {"spam": "1"},
    "skipped": [],
    "degraded": [],
    "fail_policy": None,
    "stored": True,
    "decided_at": "2026-11-22T17:00:00.000Z",
    "took_ms": 0.321,
}
_ANSWER_BYTES = json.dumps(_ANSWER, separators=(",", ":")).encode()


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """A raw ASGI application that reads the body and answers the same bytes every time."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(_ANSWER_BYTES)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _ANSWER_BYTES})


def _event_model() -> type[BaseModel]:
    """The event of the shipped catalogue as pydantic models, with the same types and limits."""
    kinds: dict[Kind, Any] = {
        Kind.BOOL: bool,
        Kind.INT: int,
        Kind.FLOAT: float,
        Kind.TIME: datetime,
        Kind.ENTITY: Annotated[str, Field(min_length=1, max_length=256)],
        Kind.STRINGS: list[str],
        Kind.DURATION: float,
    }
    sections: dict[str, dict[str, Any]] = {}
    catalogue = load_bundle([shipped("rules")], run_tests=False, at=0).catalogue
    for feature in catalogue.features.values():
        if feature.source is Source.EVENT:
            section, _, key = feature.name.partition(".")
            kind = kinds.get(feature.kind, Annotated[str, Field(max_length=feature.max_length)])
            sections.setdefault(section, {})[key] = (kind | None, None)
    strict = ConfigDict(extra="forbid")
    fields: dict[str, Any] = {
        name: (create_model(name.title(), __config__=strict, **each) | None, None)
        for name, each in sections.items()
    }
    fields["type"] = (Literal[tuple(catalogue.event_types)], ...)
    return create_model(
        "Event",
        __config__=strict,
        id=(str | None, None),
        time=(datetime | None, None),
        deadline_ms=(float | None, None),
        **fields,
    )


EventIn: Any = _event_model()


def ordinary() -> FastAPI:
    """An ordinary endpoint of the same contract, pydantic in and out, that does nothing."""
    app = FastAPI()

    @app.post("/v1/decisions")
    async def decide(event: EventIn) -> DecisionOut:
        return DecisionOut.model_validate(_ANSWER)

    return app


def ordinary_in_threads() -> FastAPI:
    """The same as a plain `def`, as every other endpoint of the house is written."""
    app = FastAPI()

    @app.post("/v1/decisions")
    def decide(event: EventIn) -> DecisionOut:
        return DecisionOut.model_validate(_ANSWER)

    return app


def straightforward() -> FastAPI:
    """The build most would write first: a pickled pipeline and an ORM row per request."""
    import joblib  # noqa: PLC0415  only this rival pays for it
    from sqlalchemy import create_engine, func, select  # noqa: PLC0415
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column  # noqa: PLC0415

    folder = Path(os.environ["BENCH_FOLDER"])
    model: Any = joblib.load(folder / "spam.joblib")

    class Base(DeclarativeBase):
        pass

    class Row(Base):
        __tablename__ = "decisions"
        id: Mapped[int] = mapped_column(primary_key=True)
        actor: Mapped[str] = mapped_column(index=True)
        ip: Mapped[str | None] = mapped_column(index=True)
        type: Mapped[str]
        verdict: Mapped[str]
        body: Mapped[str]
        score: Mapped[float]

    engine = create_engine(f"sqlite:///{folder / 'straightforward.db'}")
    Base.metadata.create_all(engine)
    app = FastAPI()

    @app.post("/v1/decisions")
    def decide(event: EventIn) -> DecisionOut:
        text = event.content.text if event.content else None
        score = float(model.predict_proba([text])[0, 1]) if text else 0.0
        with Session(engine) as session:
            mine = select(func.count()).select_from(Row).where(Row.actor == event.actor.id)
            ip = event.net.ip if event.net else None
            near = select(func.count()).select_from(Row).where(Row.ip == ip)
            seen = session.scalar(mine) or 0
            around = session.scalar(near) or 0
            verdict = "hold" if score > 0.9 or seen > 50 or around > 500 else "allow"
            row = Row(
                actor=event.actor.id,
                ip=ip,
                type=event.type,
                verdict=verdict,
                body=event.model_dump_json(),
                score=score,
            )
            session.add(row)
            session.commit()
            return DecisionOut.model_validate(_ANSWER | {"id": str(row.id), "verdict": verdict})

    return app
