"""Choices: what somebody may decide, checked before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from safety.domain.errors import FieldError, Forbidden, InvalidInput
from safety.domain.policies import Policy
from safety.domain.queues import QueueSettings
from safety.domain.reviews import Act, Action
from safety.review.values import Choice

_MOST_ACTS: Final = 8
_DAY: Final = 86_400.0
_LONGEST: Final = 10 * 365 * _DAY
_LATEST_BEGIN: Final = 30 * _DAY
_LONGEST_SPREAD: Final = _DAY
_LABEL = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)


def checked(
    choice: Choice, policies: Mapping[str, Policy], settings: QueueSettings, at: float
) -> tuple[Act, ...]:
    """The acts as they are recorded. Raises `InvalidInput`, and `Forbidden` in this queue."""
    acts = tuple(_plain(act) for act in choice.acts)
    _check_whole(acts)
    problems = [problem for act in acts for problem in _problems(act, policies)]
    begins_at = at if choice.begins_at is None else choice.begins_at
    if not at - _DAY <= begins_at <= at + _LATEST_BEGIN:
        problems.append(FieldError("begins_at", "Within the next thirty days."))
    if not 0 <= choice.spread <= _LONGEST_SPREAD:
        problems.append(FieldError("spread", "At most a day."))
    if problems:
        raise InvalidInput(problems[0].message, errors=problems)
    refused = [act.action.value for act in acts if act.action not in settings.actions]
    if refused:
        raise Forbidden(f"In this queue nobody may {', '.join(refused)}.")
    return acts


def _plain(act: Act) -> Act:
    """Without what makes no sense for it: who keeps cites nothing, and a ban does not end."""
    if act.action is Action.KEEP:
        return Act(Action.KEEP)
    if act.action is not Action.LABEL:
        act = replace(act, label="")
    if act.action in {Action.REMOVE, Action.WARN, Action.BAN}:
        act = replace(act, lasts=None)
    return act


def _check_whole(acts: tuple[Act, ...]) -> None:
    if not 1 <= len(acts) <= _MOST_ACTS:
        raise InvalidInput(errors=[FieldError("acts", "Choose what to do.")])
    kinds = {act.action for act in acts}
    if len({(act.action, act.label) for act in acts}) < len(acts):
        raise InvalidInput(errors=[FieldError("acts", "Each action once.")])
    if Action.KEEP in kinds and kinds - {Action.KEEP, Action.LABEL}:
        raise InvalidInput(errors=[FieldError("acts", "Keep it, or do something about it.")])


def _problems(act: Act, policies: Mapping[str, Policy]) -> list[FieldError]:
    found = []
    if act.action.needs_policy and act.policy not in policies:
        found.append(FieldError("policy", "Choose the policy that this breaks."))
    if act.action is Action.LABEL and not _LABEL.fullmatch(act.label):
        found.append(FieldError("label", "A label is a word such as link_farm."))
    if act.action is Action.SUSPEND and act.lasts is None:
        found.append(FieldError("lasts", "Say how long they are suspended."))
    if act.lasts is not None and not 0 < act.lasts <= _LONGEST:
        found.append(FieldError("lasts", "More than nothing, and at most ten years."))
    return found
