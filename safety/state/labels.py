"""Live labels of entities, held in memory beside the counts."""

from collections import OrderedDict
from itertools import islice

from safety.domain.labels import Label

_NONE: tuple[str, ...] = ()
# Entities looked at for one that only rules have marked.
_LOOKED_AT = 16


class LabelBook:
    """Labels by tenant, entity feature and value.

    Holds at most `most` entities, so a flood of new ones cannot fill the memory. What rules wrote
    goes before what people wrote, the least recent first. The store keeps every label; only this
    copy forgets.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._labels: OrderedDict[tuple[str, str, str], dict[str, Label]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._labels)

    def put(self, tenant: str, label: Label) -> None:
        """Remember a label, replacing one of the same name on the same entity."""
        entity = (tenant, *label.entity)
        self._labels.setdefault(entity, {})[label.name] = label
        self._labels.move_to_end(entity)
        if len(self._labels) > self._most:
            self._forget_one()

    def _forget_one(self) -> None:
        oldest = list(islice(self._labels.items(), _LOOKED_AT))
        for entity, labels in oldest:
            if all(label.author.startswith("rule:") for label in labels.values()):
                del self._labels[entity]
                return
        # Only people's marks here: they move to the back, and whoever is in front now has to go.
        for entity, _ in oldest:
            self._labels.move_to_end(entity)
        self._labels.popitem(last=False)

    def live(self, tenant: str, feature: str, value: str, at: float) -> tuple[str, ...]:
        """The names of the entity's live labels, sorted."""
        labels = self._labels.get((tenant, feature, value))
        if labels is None:
            return _NONE
        return tuple(sorted(name for name, label in labels.items() if label.is_live(at)))
