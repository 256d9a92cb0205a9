"""What a text model was taught in: alphabets, and languages in Latin letters."""

from collections.abc import Collection
from dataclasses import dataclass

from safety.text.scripts import NONE, scripts
from safety.text.tongues import is_in_other_tongue


@dataclass(frozen=True, slots=True)
class Taught:
    """The scripts and the tongues that there were labelled rows of; none of them is all of them."""

    scripts: frozenset[str] = frozenset()
    tongues: frozenset[str] = frozenset()

    def is_foreign(self, folded: str, words: Collection[str]) -> bool:
        """Whether nobody labelled a row of the text's script, or of its language."""
        if self.tongues and is_in_other_tongue(words, self.tongues):
            return True
        if not self.scripts or folded.isascii():
            return False
        main = scripts(folded).main
        return main != NONE and main not in self.scripts
