"""What the metrics show of models: drift, calibration, shadows, and what cannot be used."""

from collections.abc import Callable, Mapping

from safety.app.model_watch import Told
from safety.web.metrics import Metrics


def drift_numbers(told: Told) -> Mapping[tuple[str, ...], float]:
    """The population stability index, by model and input, for the metrics."""
    return {key: moved.psi for key, moved in told.drifts.items()}


def alarm_numbers(told: Told) -> Mapping[tuple[str, ...], float]:
    """By model, how many of its scores and inputs have moved far."""
    alarms: dict[tuple[str, ...], float] = {}
    for (model, _), moved in told.drifts.items():
        alarms[model,] = alarms.get((model,), 0.0) + moved.has_moved_far
    return alarms


def show_models(metrics: Metrics, broken: Callable[[], float], told: Told) -> None:
    """Have the metrics show how the models are."""
    metrics.watch("safety_models_broken", "Models or shadows that cannot be used", broken)
    for name, text, value in (
        ("compared", "Events scored by a live model and one in its shadow", lambda: told.compared),
        ("disagreed", "Of those, events that only one of both flags", lambda: told.disagreed),
        ("failed", "Events that a model in shadow failed at", lambda: told.failed),
    ):
        metrics.watch(f"safety_model_shadow_{name}", text, value)
    metrics.watch_each(
        "safety_model_drift",
        "Population stability index of a model's scores and inputs over a week",
        ("model", "input"),
        lambda: drift_numbers(told),
    )
    metrics.watch_each(
        "safety_model_drift_alarms",
        "Scores and inputs of a model that have moved far",
        ("model",),
        lambda: alarm_numbers(told),
    )
    metrics.watch_each(
        "safety_model_calibration_error",
        "Expected calibration error of a live model against what people decided",
        ("model", "slice"),
        lambda: told.calibration,
    )
