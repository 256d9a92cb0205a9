"""Reports, appeals and reasons over HTTP, from the platform's side to the desk's and back."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from safety.domain.access import Role, Scope
from safety.domain.reviews import Act, Action, Reviewer
from safety.review.statements.check import problems_of
from safety.review.values import Choice
from safety.store.engine import write
from safety.store.tables import resolutions
from safety.web.services import Services
from tests.e2e.conftest import Api, bearer
from tests.live import a_key

ANA, BEN = Reviewer("ana", Role.MODERATOR), Reviewer("ben", Role.MODERATOR)
REMOVE = Choice((Act(Action.REMOVE, "spam.commercial"),), version=0)
KEEP = Choice((Act(Action.KEEP),), version=0)


def services(api: Api) -> Services:
    found: Services = api.client.app.services  # type: ignore[attr-defined]  # an ASGI app of ours
    return found


def comment(api: Api, number: int, text: str = "lovely light in this one") -> dict[str, Any]:
    event = {
        "id": f"c_{number}",
        "type": "comment",
        "actor": {"id": f"u_{number}", "name": "mia_b"},
        "content": {"id": f"c_{number}", "text": text},
    }
    answer = api.client.post("/v1/decisions", json=event, headers=api.headers)
    assert answer.status_code == 200
    decided: dict[str, Any] = answer.json()
    return decided


def report(api: Api, number: int, **changes: Any) -> Any:
    body: dict[str, Any] = {
        "id": f"r_{number}",
        "reporter": {"id": "u_77"},
        "subject": {
            "kind": "comment",
            "id": f"c_{number}",
            "owner_id": f"u_{number}",
            "event_id": f"c_{number}",
        },
        "reason": "spam",
    }
    return api.client.post("/v1/reports", json=body | changes, headers=api.headers)


def resolve(api: Api, item: str, choice: Choice, who: Reviewer = ANA) -> None:
    review = services(api).review
    review.resolving.decide(item, choice, who)
    with write(review.room.engine) as connection:  # as if the time to undo were over
        connection.execute(update(resolutions).values(effective_at=resolutions.c.resolved_at))
    review.clerk.run()


def item_of(api: Api, report_id: str) -> str:
    item = services(api).review.reporting.get("main", report_id).item_id
    assert item is not None
    return item


def test_a_report_gets_a_receipt_and_an_outcome(api: Api) -> None:
    comment(api, 1)
    receipt = report(api, 1)
    assert receipt.status_code == 201
    assert receipt.json()["outcome"] == "pending"
    again = report(api, 1)
    assert (again.status_code, again.json()) == (200, receipt.json())
    resolve(api, item_of(api, receipt.json()["id"]), REMOVE)
    path = f"/v1/reports/{receipt.json()['id']}"
    assert api.client.get(path, headers=api.headers).json()["outcome"] == "acted"
    stranger = bearer(a_key(api.settings, tenant="elsewhere"))
    services(api).keyring.refresh()
    assert api.client.get(path, headers=stranger).status_code == 404


def test_a_report_name_that_means_another_report_is_refused(api: Api) -> None:
    comment(api, 2)
    assert report(api, 2).status_code == 201
    other = report(api, 2, reporter={"id": "u_78"})
    assert other.status_code == 422
    assert other.json()["type"].endswith("event-id-reused")


def test_what_was_removed_can_be_appealed_and_has_reasons(api: Api) -> None:
    decision = comment(api, 3)["id"]
    resolve(api, item_of(api, report(api, 3).json()["id"]), REMOVE)
    reasons = api.client.get(f"/v1/decisions/{decision}/statements", headers=api.headers).json()
    (one,) = reasons["statements"]
    assert one["problems"] == []
    assert problems_of(one["statement"]) == ()
    assert one["statement"]["source_type"] == "SOURCE_ARTICLE_16"
    assert "appeal" in one["user"]["redress"]
    assert "lovely" not in json.dumps(one)
    body = {"decision_id": decision, "text": "It is about the light in the picture."}
    appeal = api.client.post("/v1/appeals", json=body, headers=api.headers)
    assert appeal.status_code == 201
    found = services(api).review.appealing.get("main", appeal.json()["id"])
    resolve(api, found.item_id, KEEP, BEN)
    path = f"/v1/appeals/{appeal.json()['id']}"
    now = api.client.get(path, headers=api.headers).json()
    assert now["outcome"] == "overturned"
    assert "ben" not in json.dumps(now)
    left = api.client.get(f"/v1/decisions/{decision}/statements", headers=api.headers).json()
    assert left["statements"] == []


def test_there_must_be_something_to_appeal(api: Api) -> None:
    decision = comment(api, 4)["id"]
    body = {"decision_id": decision, "text": "Why?"}
    answer = api.client.post("/v1/appeals", json=body, headers=api.headers)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("nothing-to-appeal")
    unknown = api.client.post(
        "/v1/appeals", json=body | {"decision_id": "dec_none"}, headers=api.headers
    )
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision_id": "dec_1", "text": ""},
        {"decision_id": "dec_1", "text": "x" * 4001},
        {"decision_id": "dec\u0000", "text": "x"},
        {"decision_id": "dec_1", "text": "x", "more": 1},
    ],
)
def test_an_appeal_without_its_shape_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.client.post("/v1/appeals", json=body, headers=api.headers).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"reason": ""},
        {"reporter": {"id": "u", "kind": "king"}},
        {"subject": {"kind": "comment", "id": "x" * 257}},
        {"note": "n" * 2001},
        {"id": "a\nb"},
        {"unknown": True},
    ],
)
def test_a_report_without_its_shape_is_refused(api: Api, change: dict[str, Any]) -> None:
    assert report(api, 5, **change).status_code == 422


def test_only_keys_that_may_come_in(api: Api) -> None:
    weak = bearer(a_key(api.settings, scopes=[Scope.METRICS]))
    services(api).keyring.refresh()
    for headers, status in ((weak, 403), ({}, 401)):
        assert api.client.post("/v1/appeals", json={}, headers=headers).status_code == status
        assert api.client.get("/v1/reports/rep_1", headers=headers).status_code == status
