"""The second stage of the text models in one process: its thread, and the way there and back."""

from collections.abc import Iterable

from safety.app.world import World
from safety.classifiers.batcher import Batcher
from safety.config import Settings
from safety.decisions.second_looks import SecondLooks
from safety.domain.ports import SecondStage, Staged
from safety.web.metrics import Metrics


class EncoderRoom:
    """One thread that reads for every event. Where it is switched off, nobody asks."""

    def __init__(self, settings: Settings, world: World, metrics: Metrics) -> None:
        self.is_on = settings.encoder
        self._batcher = Batcher(world.timer, metrics.read_again)
        self.looks = SecondLooks(
            self._batcher, settings.encoder_wait_ms / 1000, metrics.not_read_again
        )
        metrics.watch(
            "safety_encoder_waiting",
            "Texts that wait for the second stage",
            lambda: float(self._batcher.depth),
        )

    def start(self, classifiers: Iterable[object]) -> None:
        """Begin to read; what these classifiers need is built first, off the serving path."""
        if self.is_on:
            self._batcher.start(list(_stages(classifiers)))

    def stop(self) -> None:
        """End after the batch that is being read."""
        self._batcher.stop()


def _stages(classifiers: Iterable[object]) -> Iterable[SecondStage]:
    staged = (each.second for each in classifiers if isinstance(each, Staged))
    return {id(stage): stage for stage in staged}.values()
