"""What do the rules, counters and models say of one event? Values in, judgement out."""

from collections.abc import Callable, Sequence

import structlog

from safety.decisions.controls import ControlsInForce
from safety.decisions.draft import Draft, Skip, fail_signal, labels_of, signals_of
from safety.decisions.judgement import Judgement, Raised, Said, Undecided
from safety.decisions.prepared import Prepared, Ready
from safety.domain.decisions import combine
from safety.domain.events import Event
from safety.domain.ports import Counters, Question
from safety.domain.verdicts import Verdict
from safety.review.route import Sampling, route

__all__ = [
    "Judge", "Judgement", "Prepared", "Raised", "Said", "Skip", "Undecided", "fail_signal",
]  # fmt: skip

log = structlog.get_logger()

_SCORE = "score."
# Actor ids that always get the verdict they name, for integrators' tests, with test keys only.
TEST_VALUES = {f"safety-test-{verdict.word}": verdict for verdict in Verdict}


class Judge:
    """Judges events with the bundle in force. Adding a signal never softens a judgement.

    `controls` are what takes effect away from rules; None while there are none. `asks_twice` says
    whether second stages are asked; without them the first stage's score stands.
    """

    def __init__(
        self,
        counters: Counters,
        new_id: Callable[[str], str],
        sampling: Sampling | None = None,
        *,
        asks_twice: bool = True,
    ) -> None:
        self._counters = counters
        self._new_id = new_id
        self._sampling = sampling
        self._asks_twice = asks_twice
        self.controls: ControlsInForce | None = None
        self.raised: Raised | None = None

    def judge(
        self,
        tenant: str,
        event: Event,
        prepared: Prepared,
        *,
        now: float,
        has_time: Callable[[], bool],
        is_test: bool = False,
    ) -> Judgement:
        """Like `begin`, asking second stages on the spot: for those who have no batch."""
        begun = self.begin(tenant, event, prepared, now=now, has_time=has_time, is_test=is_test)
        if isinstance(begun, Judgement):
            return begun
        return self.finish(begun, [_said(question) for question in begun.questions])

    def begin(
        self,
        tenant: str,
        event: Event,
        prepared: Prepared,
        *,
        now: float,
        has_time: Callable[[], bool],
        is_test: bool = False,
    ) -> Judgement | Undecided:
        """Judge an event that arrived now, as far as is possible without a second stage.

        `has_time` is asked before work that may be skipped.
        """
        ready = prepared[event.type]
        if is_test and event.actor_id in TEST_VALUES:
            draft = Draft(dict(event.values))
            draft.forced = TEST_VALUES[event.actor_id]
            return self._settle(tenant, event, prepared, draft, now)
        draft = Draft(dict(event.values))
        try:
            ready.deriver.run(draft.values, event.time)
        except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
            draft.survive("features", error)
        self._count(tenant, event, ready, draft)
        draft.values.update(ready.thresholds)
        try:
            draft.fired = ready.plan.judge_final(draft.values)
        except Exception as error:  # noqa: BLE001  as above
            draft.survive("rules", error)
        controls = self.controls
        if controls is not None and draft.fired:
            draft.fired = controls.applied(tenant, draft.fired, draft.values, prepared.lookups, now)
        if draft.fired and any(f.is_live and f.verdict is Verdict.BLOCK for f in draft.fired):
            draft.skip(ready.scores, "final_rule")
        else:
            self._score(ready, draft, has_time)
            if draft.questions:
                return Undecided(tenant, event, prepared, draft, now)
        return self._conclude(tenant, event, prepared, draft, now)

    def finish(self, undecided: Undecided, said: Sequence[Said]) -> Judgement:
        """The judgement, with what second stages said to the questions, in their order."""
        tenant, event, prepared, draft, now = undecided
        for (name, staged, question), answer in zip(draft.questions, said, strict=True):
            if isinstance(answer, str):
                draft.skip_second(name, answer)
                continue
            score = staged.settle(question, answer)
            if 0.0 <= score <= 1.0:
                draft.values[name] = draft.scores[name.removeprefix(_SCORE)] = score
            else:  # NaN is neither
                draft.skip_second(name, "unavailable")
        return self._conclude(tenant, event, prepared, draft, now)

    def _conclude(
        self, tenant: str, event: Event, prepared: Prepared, draft: Draft, now: float
    ) -> Judgement:
        ready, controls = prepared[event.type], self.controls
        try:
            fired = ready.plan.judge(draft.values)
            if controls is not None and fired:
                fired = controls.applied(tenant, fired, draft.values, prepared.lookups, now)
            draft.fired += fired
        except Exception as error:  # noqa: BLE001  as above
            draft.survive("rules", error)
        return self._settle(tenant, event, prepared, draft, now)

    def _count(self, tenant: str, event: Event, ready: Ready, draft: Draft) -> None:
        counting = ready.plan.counting
        values = draft.values
        try:
            observed = self._counters.observe(tenant, counting, values, event.time)
        except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
            draft.survive("counters", error)
            return
        draft.is_counted = True
        for name, number in zip(ready.windows, observed.windows, strict=True):
            if number == number:  # noqa: PLR0124  NaN is a missing entity
                values[name] = number
        values.update(observed.labels)
        if observed.behaviour:
            values.update(observed.behaviour)

    def _score(self, ready: Ready, draft: Draft, has_time: Callable[[], bool]) -> None:
        has_text = "content.text" in draft.values
        if ready.absent and has_text:
            draft.degraded.extend(ready.absent)
            draft.skip(ready.absent, "unavailable")
        for name, classifier in ready.classifiers:
            if not has_time():
                if has_text:
                    draft.skip((name,), "deadline")
                continue
            try:
                score = classifier.score(draft.values)
            except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
                draft.survive(name, error)
                continue
            if score is not None and not 0.0 <= score <= 1.0:  # NaN is neither
                draft.survive(name, ValueError("no probability"))
            elif score is not None:
                draft.values[name] = score
                draft.scores[classifier.name] = score
        if ready.staged and self._asks_twice:
            self._doubt(ready, draft, has_time)

    @staticmethod
    def _doubt(ready: Ready, draft: Draft, has_time: Callable[[], bool]) -> None:
        for name, staged in ready.staged:
            score = draft.scores.get(name.removeprefix(_SCORE))
            question = None if score is None else staged.doubt(draft.values, score)
            if question is None:
                continue
            if has_time():
                draft.questions.append((name, staged, question))
            else:
                draft.skip_second(name, "deadline")

    def _settle(
        self, tenant: str, event: Event, prepared: Prepared, draft: Draft, now: float
    ) -> Judgement:
        event_type = prepared[event.type].event_type
        fail_policy = event_type.fail if draft.is_incomplete else None
        signals = signals_of(draft, event, event_type, fail_policy)
        verdict = combine(signals) if signals else Verdict.ALLOW
        if self.raised is not None and verdict is Verdict.ALLOW:
            more = self.raised(event.type, draft.values, signals, now)
            if more is not None:
                signals, verdict = (*signals, more), more.verdict
        decision_id = self._new_id("dec")
        item = None
        if draft.fired or verdict is Verdict.HOLD:
            item_id = f"itm{decision_id[3:]}"
            item = route(event_type, draft.fired, verdict, item_id=item_id)
            if item is None and self._sampling is not None:
                item = self._sampling.item(draft.fired, now, item_id=item_id)
        return Judgement(
            id=decision_id,
            tenant=tenant,
            event=event,
            event_type=event_type,
            decided_at=now,
            verdict=verdict,
            signals=signals,
            fired=tuple(draft.fired),
            values=draft.values,
            scores=draft.scores,
            item=item,
            labels=labels_of(draft, now) if draft.fired else (),
            skipped=tuple(draft.skipped),
            degraded=tuple(draft.degraded),
            fail_policy=fail_policy,
            bundle=prepared.bundle,
            models=prepared.models,
            is_counted=draft.is_counted,
            unstored=prepared.unstored,
        )


def _said(question: Question) -> Said:
    try:
        return question.stage.read([question.folded])[0]
    except Exception as error:  # noqa: BLE001  whatever fails is unknown, and stops nothing
        log.warning("part_failed", part="encoder", error=type(error).__name__)
        return "unavailable"
