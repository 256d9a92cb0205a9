"""Writing rules in the browser: the editor with the checker beside it, and drafts."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response

from safety.decisions.steering.drafts import LONGEST_TEXT
from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, NotFound, RulesRefused, SafetyError
from safety.ruleset.findings import RuleFileError
from safety.ruleset.texts import with_rollout, with_test
from safety.ruleset.trial import Trial
from safety.store.rule_changes import RuleChange
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_pages import pages, utc
from safety.web.desk_rule_changes import CHANGES
from safety.web.desk_rules import (
    HOME,
    Analyst,
    AnalystsForm,
    Reason,
    RuleId,
    rule_answer,
)
from safety.web.limits import Limits
from safety.web.rule_text import coloured
from safety.web.services import Services, ServicesDep

RuleBody = Annotated[str, Form(max_length=LONGEST_TEXT)]

_NEW = """\
rule: {rule}
title: What it is about, in one line
owner: who is asked when it misbehaves
policy: {policy}
events: [{event}]
when:
  - actor.account_age < "3d"
then: {{verdict: hold, severity: medium}}
rollout: {{mode: shadow, since: {day}}}
tests:
  - {{name: a new account, expect: match, given: {{actor.account_age: 2h}}}}
  - {{name: an old one, expect: no match, given: {{actor.account_age: 40d}}}}
"""


def new_rule(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Begin a rule: keep a first text of it as a draft."""
    steering = services.steering
    wanted = rule.strip().lower()
    if wanted in {each.id for each in steering.bundle().rules}:
        return to(f"{HOME}/{wanted}/edit")
    policy = next(iter(services.policies()), "spam.commercial")
    event = next(iter(steering.bundle().catalogue.event_types), "post")
    day = utc(services.clock())[:10]
    text = _NEW.format(rule=wanted, policy=policy, event=event, day=day)
    change = steering.rules.save(wanted, text, why="", author=session.staff)
    return to(f"{HOME}/{change.rule}/edit?draft={change.id}")


def edit_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Analyst,
    rule_id: RuleId,
    draft: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = "",
) -> Response:
    """The editor, with the text in force or one that was saved."""
    rules = services.steering.rules
    if draft:
        change = rules.change(draft)
        if change.rule != rule_id:
            raise NotFound
        return _editor(services, session, rule_id, change.text, change.why)
    return _editor(services, session, rule_id, rules.text(rule_id).text, "")


def save_draft(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule_id: RuleId,
    *,
    text: RuleBody = "",
    why: Reason = "",
    act: Annotated[Literal["check", "save"], Form()] = "check",
) -> Response:
    """Check a text and show what is wrong beside it, or keep it as a draft."""
    if act == "check":
        trial = services.steering.rules.look(rule_id, text)
        return _editor(services, session, rule_id, text, why, trial=trial)
    try:
        change = services.steering.rules.save(rule_id, text, why=why, author=session.staff)
    except InvalidInput as error:
        return _editor(services, session, rule_id, text, why, error=error)
    return to(f"{CHANGES}/{change.id}")


def set_mode(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule_id: RuleId,
    *,
    mode: Annotated[Literal["off", "shadow", "canary", "enforce"], Form()],
    percent: Annotated[str, Form(pattern=r"^[0-9]{0,3}(\.[0-9]{1,4})?$")] = "",
    reason: Reason = "",
) -> Response:
    """Write another rollout into the rule's text, as a draft to be put in force."""
    rollout = {"mode": mode, "since": utc(services.clock())[:10]}
    if mode == "canary":
        rollout["percent"] = percent or "5"
    rules = services.steering.rules
    try:
        text = with_rollout(rules.text(rule_id).text, rollout)
        change = rules.save(rule_id, text, why=reason or f"to {mode}", author=session.staff)
    except (InvalidInput, RuleFileError) as error:
        told = error if isinstance(error, SafetyError) else RulesRefused(str(error))
        return rule_answer(services, session, rule_id, error=told)
    return to(f"{CHANGES}/{change.id}")


def hand_back(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule_id: RuleId,
    reason: Reason = "",
) -> Response:
    """Take the desk's text away: what the folders say of the rule counts again."""
    try:
        change = services.steering.rules.save(rule_id, "", why=reason, author=session.staff)
    except InvalidInput as error:
        return rule_answer(services, session, rule_id, error=error)
    return to(f"{CHANGES}/{change.id}")


def learn(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: AnalystsForm,
    rule_id: RuleId,
    decision: Annotated[str, Form(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = "",
) -> Response:
    """Turn a decision that the rule got wrong into a test of it, in one's draft of the rule."""
    steering = services.steering
    lesson = steering.lessons.of(decision.strip(), rule_id)
    own = next((each for each in steering.rules.waiting() if _is_own(each, rule_id, session)), None)
    text = own.text if own else steering.rules.text(rule_id).text
    told = f"must not match {lesson.decision}"
    try:
        saved = with_test(text, lesson.test)
        change = steering.rules.save(rule_id, saved, why=told, author=session.staff)
    except (InvalidInput, RuleFileError) as error:
        problem = error if isinstance(error, SafetyError) else RulesRefused(str(error))
        return rule_answer(services, session, rule_id, error=problem)
    said = "learntpersonal" if lesson.kept else "learnt"
    return to(f"{CHANGES}/{change.id}?said={said}")


def add_rule_edit(router: APIRouter, limits: Limits) -> None:
    """Put the editor and the drafts under the desk."""
    page, form = limits.policy("desk.page"), limits.policy("desk.form")
    router.post("/new-rule")(form(new_rule))
    router.get("/rules/{rule_id}/edit")(page(edit_page))
    router.post("/rules/{rule_id}/draft")(form(save_draft))
    router.post("/rules/{rule_id}/mode")(form(set_mode))
    router.post("/rules/{rule_id}/hand-back")(form(hand_back))
    router.post("/rules/{rule_id}/learn")(form(learn))


def _editor(
    services: Services,
    session: StaffSession,
    rule_id: str,
    text: str,
    why: str,
    *,
    trial: Trial | None = None,
    error: SafetyError | None = None,
) -> Response:
    own = f"desk/{rule_id}.yaml"
    findings = trial.findings if trial else ()
    context: dict[str, object] = {
        "rule_id": rule_id,
        "text": text,
        "why": why,
        "trial": trial,
        "own": [finding for finding in findings if finding.place.file == own],
        "others": [finding for finding in findings if finding.place.file != own],
        "lines": coloured(text, [each for each in findings if each.place.file == own]),
        "longest": LONGEST_TEXT,
        "problem": error.detail if error else "",
    }
    context |= frame(services, session, path=HOME)
    return pages().render("rules/edit.html", context, error.status if error else HTTPStatus.OK)


def _is_own(change: RuleChange, rule_id: str, session: StaffSession) -> bool:
    return change.rule == rule_id and change.author == session.staff and bool(change.text)
