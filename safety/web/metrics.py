"""What is counted for operators, in Prometheus' format."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from safety.decisions.judge import Judgement
from safety.domain.verdicts import Verdict

# Seconds: a decision takes a fraction of a millisecond to think and a few to write.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class _Each(Collector):
    """Gauges whose labels are known only when somebody looks."""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        values: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        self._named = (name, text, tuple(labels))
        self._values = values

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The gauge without its numbers."""
        name, text, labels = self._named
        yield GaugeMetricFamily(name, text, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The numbers as they are now."""
        name, text, labels = self._named
        family = GaugeMetricFamily(name, text, labels=labels)
        for key, value in sorted(self._values().items()):
            family.add_metric(key, value)
        yield family


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        # Finding a labelled child costs more than counting with it.
        self._by_kind: dict[tuple[str, Verdict], Counter] = {}
        self._by_status: dict[int, Counter] = {}
        self._decisions = Counter(
            "safety_decisions",
            "Decisions answered",
            ["event_type", "verdict"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "safety_decision_seconds",
            "Seconds from arrival to answer",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._degraded = Counter(
            "safety_decisions_degraded",
            "Decisions that a part did not judge",
            ["part"],
            registry=self.registry,
        )
        self._rules = Counter(
            "safety_rules_fired",
            "Times a rule fired",
            ["rule", "mode"],
            registry=self.registry,
        )
        self._demoted = Counter(
            "safety_rules_demoted",
            "Times the circuit breaker took effect away",
            ["over"],
            registry=self.registry,
        )
        self._texts = Counter(
            "safety_encoder_texts",
            "Texts read by the second stage of the text models",
            registry=self.registry,
        )
        self._batches = Histogram(
            "safety_encoder_batch_seconds",
            "Seconds that a batch of texts took the second stage",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._without = Counter(
            "safety_encoder_skipped",
            "Events that went without the second stage",
            ["why"],
            registry=self.registry,
        )
        self._trouble = Counter(
            "safety_ledger_trouble",
            "Times the ledger could not write",
            ["kind"],
            registry=self.registry,
        )
        self._deliveries = Counter(
            "safety_webhooks",
            "Attempts to deliver a webhook",
            ["outcome"],
            registry=self.registry,
        )
        self._requests = Counter(
            "safety_http_requests",
            "HTTP requests answered",
            ["status"],
            registry=self.registry,
        )

    def decided(self, judgement: Judgement, verdict: Verdict, seconds: float) -> None:
        """Count one answered decision, with the verdict that went out."""
        kind = (judgement.event.type, verdict)
        child = self._by_kind.get(kind)
        if child is None:
            child = self._by_kind[kind] = self._decisions.labels(kind[0], kind[1].word)
        child.inc()
        self._seconds.observe(seconds)
        for part in judgement.degraded:
            self._degraded.labels(part).inc()
        for fired in judgement.fired:
            self._rules.labels(fired.rule.id, fired.rule.mode.value).inc()

    def demoted(self, over: str) -> None:
        """Count one demotion of a rule, a list entry or a model."""
        self._demoted.labels(over).inc()

    def read_again(self, texts: int, seconds: float) -> None:
        """Count one batch of texts that the second stage read."""
        self._texts.inc(texts)
        self._batches.observe(seconds)

    def not_read_again(self, why: str) -> None:
        """Count one event that went without the second stage."""
        self._without.labels(why).inc()

    def ledger_trouble(self, kind: str) -> None:
        """Count one failed attempt of the ledger to write."""
        self._trouble.labels(kind).inc()

    def delivered(self, outcome: str) -> None:
        """Count one attempt to deliver a webhook."""
        self._deliveries.labels(outcome).inc()

    def answered(self, status: int) -> None:
        """Count one HTTP response."""
        child = self._by_status.get(status)
        if child is None:
            child = self._by_status[status] = self._requests.labels(str(status))
        child.inc()

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a number that is read when somebody looks."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def watch_each(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        values: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        """Show several numbers of one kind, each with its labels, that are read on demand."""
        self.registry.register(_Each(name, text, labels, values))

    def text(self) -> bytes:
        """The exposition that `/metrics` answers."""
        return generate_latest(self.registry)
