"""The composition root: settings become parts, parts become one application. The only chooser."""

from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from safety import __version__
from safety.app.house import House, Overrides
from safety.config import Settings
from safety.web import openapi
from safety.web.accounts import accounts_router
from safety.web.accounts_manage import manage_router
from safety.web.api import api_router
from safety.web.body_limits import body_limit
from safety.web.complaints import complaints_router
from safety.web.desk import desk_router
from safety.web.door import DecisionDoor
from safety.web.facades.akismet import akismet_router
from safety.web.facades.perspective import perspective_router
from safety.web.gate import gate_router
from safety.web.health import health_router
from safety.web.hosted import hosted_router
from safety.web.models import models_router
from safety.web.own_factor import own_factor_router
from safety.web.problems import install
from safety.web.rule_controls import rule_controls_router
from safety.web.rules import rules_router
from safety.web.sessions import sessions_router

__all__ = ["Overrides", "create_app"]


def create_app(settings: Settings, overrides: Overrides | None = None) -> DecisionDoor:
    """The whole service as one ASGI application; the framework's part is its `inner`.

    Raises `RuleFileError` if the rules do not load, `ConfigurationError` if keys, lists or numbers
    are bad, `Unavailable` if the database cannot be opened.
    """
    house = House(settings, overrides or Overrides())
    # Pages that show the API to whoever asks are for development.
    is_shown = settings.environment == "development"
    app = (FastAPIOffline if is_shown else FastAPI)(
        title="Safety Gate",
        version=__version__,
        summary="Call before each write: allow, challenge, hold or block, with reasons.",
        lifespan=house.lifespan,
        docs_url="/docs" if is_shown else None,
        openapi_url="/openapi.json" if is_shown else None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would repeat whatever Host the caller sent
        telemetry={"logs": False},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = house.services
    install(app)
    _route(app, house)
    _document(app, house)
    return DecisionDoor(app, house.services, body_limit)


def _route(app: FastAPI, house: House) -> None:
    limits = house.fences.limits
    app.include_router(health_router(house.services.health, limits))
    app.include_router(api_router(limits))
    app.include_router(accounts_router(limits))
    app.include_router(own_factor_router(limits))
    app.include_router(sessions_router(limits))
    app.include_router(manage_router(limits))
    app.include_router(gate_router(limits))
    app.include_router(perspective_router(limits))
    app.include_router(akismet_router(limits))
    app.include_router(rules_router(limits))
    app.include_router(models_router(limits))
    app.include_router(rule_controls_router(limits))
    app.include_router(complaints_router(limits))
    app.include_router(desk_router(limits))
    if house.has_hosted_pages:
        app.include_router(hosted_router(limits))


def _document(app: FastAPI, house: House) -> None:
    framework = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            openapi.complete(framework(), house.rules.active.bundle.catalogue)
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it
