"""Small files of labelled texts in the layout of the real ones."""

import csv
import gzip
from pathlib import Path
from random import Random

from safety.training.texts.sources import Reading
from safety.training.texts.tasks import Task

NEGATIVE = (
    "lovely song",
    "see you at lunch",
    "what a goal that was",
    "thanks for the recipe my friend",
)
POSITIVE = {
    "spam": ("win cash now", "cheap followers here", "claim your prize", "join my casino channel"),
    "abuse": ("you are an idiot", "shut up you clown", "pathetic loser", "what a stupid pig"),
}


def write_data(folder: Path, task: Task) -> Path:
    """Small files in the layout of the real ones."""
    random = Random(3)  # noqa: S311 - repeatable, not secret
    files: dict[str, list[tuple[str, str, str]]] = {}
    for source in task.sources:
        for member in source.members or (source.name,):
            labels = "01" if source.reading is Reading.AS_LABELLED else "00"
            labels = "00" if source.file.startswith("ham_") else labels
            kinds = [(member, label, source.language) for label in labels]
            files.setdefault(source.file, []).extend(kinds)
    folder.mkdir()
    for file, kinds in files.items():
        with gzip.open(folder / file, "wt", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(["text", "label", "source", "lang", "split"])
            for member, label, language in kinds:
                for number in range(20):
                    words = random.choice(POSITIVE[task.name] if label == "1" else NEGATIVE)
                    split = "dev" if number % 5 == 0 else "train"
                    writer.writerow([f"{words} {member} {number}", label, member, language, split])
    return folder
