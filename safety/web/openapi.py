"""What the API document says of an event, made from the same catalogue that checks events."""

from typing import Any

from safety.decisions.checks import ID_LENGTH, LARGEST_INT, LIST_LENGTH
from safety.decisions.read import LONGEST_DEADLINE_MS
from safety.domain.errors import (
    BodyTooLarge,
    EventIdReused,
    Forbidden,
    InvalidInput,
    MalformedBody,
    StillDeciding,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from safety.domain.features import Catalogue, Feature, Kind, Source
from safety.web.problems import documented
from safety.web.schemas import BatchOut, DecisionOut, ProblemOut

Json = dict[str, Any]

EXAMPLE_EVENT: Json = {
    "id": "comment-501",
    "type": "comment",
    "actor": {
        "id": "u_1842",
        "name": "mia_b",
        "created_at": "2026-11-20T09:30:00Z",
        "email_verified": True,
        "followers": 12,
    },
    "target": {"id": "p_77", "kind": "post", "owner_id": "u_9"},
    "content": {"text": "lovely light in this one", "thread_id": "t_9"},
    "net": {"ip": "203.0.113.9"},
    "deadline_ms": 100,
}


def event_schema(catalogue: Catalogue) -> Json:
    """The JSON Schema of an event: the envelope, and every feature that a platform may send."""
    sections: dict[str, Json] = {}
    for feature in catalogue.features.values():
        if feature.source is Source.EVENT:
            section, _, key = feature.name.partition(".")
            sections.setdefault(section, {})[key] = _schema_of(feature)
    properties: Json = {
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": ID_LENGTH,
            "description": "names the event: asking again returns the first answer",
        },
        "type": {"type": "string", "enum": sorted(catalogue.event_types)},
        "time": _time("when it happens; now, if left out"),
        "deadline_ms": {
            "type": "number",
            "minimum": 1,
            "maximum": LONGEST_DEADLINE_MS,
            "description": "an answer is needed within this time",
        },
    }
    for section, fields in sections.items():
        properties[section] = {
            "type": "object",
            "additionalProperties": False,
            "properties": fields,
        }
    properties["actor"]["required"] = ["id"]
    return {
        "type": "object",
        "title": "Event",
        "description": "Something an actor is about to do. Null means unknown.",
        "additionalProperties": False,
        "required": ["type", "actor"],
        "properties": properties,
        "examples": [EXAMPLE_EVENT],
    }


def _schema_of(feature: Feature) -> Json:
    schema = _time(feature.description) if feature.kind is Kind.TIME else _plain(feature)
    if feature.events:
        schema["description"] += f" (only {', '.join(feature.events)} events)"
    if feature.example is not None and feature.kind is not Kind.TIME:
        schema["examples"] = [feature.example]
    return schema


def _plain(feature: Feature) -> Json:
    schema = dict(_SCHEMAS[feature.kind])
    if feature.kind is Kind.STRING:
        schema["maxLength"] = feature.max_length
    if feature.name == "net.ip":
        schema["anyOf"] = [{"format": "ipv4"}, {"format": "ipv6"}]
    return schema | {"description": feature.description}


def _time(description: str) -> Json:
    return {
        "description": description,
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}],
    }


_ENTITY: Json = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH}
_SCHEMAS: dict[Kind, Json] = {
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer", "minimum": -LARGEST_INT, "maximum": LARGEST_INT},
    Kind.FLOAT: {"type": "number"},
    Kind.STRING: {"type": "string"},
    Kind.ENTITY: _ENTITY,
    Kind.STRINGS: {
        "type": "array",
        "maxItems": LIST_LENGTH,
        "items": {"type": "string", "maxLength": ID_LENGTH},
    },
    Kind.DURATION: {"type": "number"},
}


def complete(document: Json, catalogue: Catalogue) -> Json:
    """Add to the framework's document what the short way in answers (see `door`)."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (DecisionOut, BatchOut, ProblemOut):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    schemas["Problem"] = schemas["ProblemOut"]
    schemas["Event"] = event_schema(catalogue)
    batch = {
        "type": "object",
        "additionalProperties": False,
        "required": ["events"],
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": {"$ref": "#/components/schemas/Event"},
            }
        },
    }
    document["components"]["securitySchemes"] = {"ApiKey": _API_KEY}
    for path, item in document["paths"].items():
        if path.startswith(_GUARDED):
            for operation in item.values():
                operation["security"] = [{"ApiKey": []}]
    paths = document["paths"]
    paths["/v1/decisions"] = {
        "post": _operation(
            "decide",
            "Decide an event",
            "May this happen? Ask before the write and do what the verdict says.",
            {"$ref": "#/components/schemas/Event"},
            "DecisionOut",
            parameters=[_IDEMPOTENCY_KEY],
        )
    }
    paths["/v1/decisions:batch"] = {
        "post": _operation(
            "decide_batch",
            "Decide up to 100 events",
            "Each element is decided as if it had come alone; one that is not an event gets its "
            "problem in its place.",
            batch,
            "BatchOut",
        )
    }
    return document


_GUARDED = ("/v1/", "/metrics")
_API_KEY: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "sg_live_... or sg_test_...",
    "description": "An API key, made with `safety-gate keys create`.",
}

_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "names the event if its body has no id",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": ID_LENGTH,
        "pattern": "^[ -~]+$",
    },
}


def _operation(  # noqa: PLR0917  the six things that differ between two operations
    name: str,
    summary: str,
    description: str,
    body: Json,
    answer: str,
    parameters: list[Json] | None = None,
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": ["decisions"],
        "parameters": parameters or [],
        "security": [{"ApiKey": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {
                "description": "Decided.",
                "content": {
                    "application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}
                },
            },
            **{str(status): response for status, response in documented(*_PROBLEMS).items()},
        },
    }


_PROBLEMS = (
    MalformedBody,
    Unauthenticated,
    Forbidden,
    StillDeciding,
    BodyTooLarge,
    UnsupportedMedia,
    InvalidInput,
    EventIdReused,
    Unavailable,
)
