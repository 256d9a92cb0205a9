"""The published vocabulary cut down to the pieces that the encoder's languages need."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The published vocabulary lists words roughly by how common they are.
_COMMON = 13_000
# A rarer piece stays when the training texts use it this often.
_LEAST_SEEN = 3
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
# Latin letters, and the dashes, quotes and currencies that go with them.
_LATIN = re.compile(r"[\u0000-\u024f\u2010-\u2044\u20a0-\u20bf]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that stay. `kept` holds their numbers in the published one, in the new order."""

    kept: tuple[int, ...]
    tokenizer: bytes  # a tokenizer.json without padding or truncation


def cut(tokenizer: Path, texts: Iterable[str]) -> Vocabulary:
    """Keep the common pieces, those that `texts` use, and every single letter and sign.

    Pieces of other scripts go: what is written in them becomes unknown, and the encoder then has no
    opinion instead of a random one.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - training alone needs it here

    document: dict[str, Any] = json.loads(tokenizer.read_text("utf-8"))
    numbers: dict[str, int] = document["model"]["vocab"]
    seen = _used(Tokenizer.from_str(tokenizer.read_text("utf-8")), texts)
    kept = [
        piece
        for piece, number in sorted(numbers.items(), key=lambda pair: pair[1])
        if piece in _SPECIAL or (_is_latin(piece) and _is_wanted(piece, number, seen))
    ]
    kept.sort(key=lambda piece: (piece not in _SPECIAL, numbers[piece]))
    document["model"]["vocab"] = {piece: place for place, piece in enumerate(kept)}
    document["truncation"] = document["padding"] = None
    document["added_tokens"] = [
        {**token, "id": kept.index(token["content"])}
        for token in document["added_tokens"]
        if token["content"] in _SPECIAL
    ]
    for token in document["post_processor"]["special_tokens"].values():
        token["ids"] = [kept.index(token["id"])]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Vocabulary(tuple(numbers[piece] for piece in kept), text.encode())


def _used(tokenizer: Any, texts: Iterable[str]) -> Counter[int]:
    tokenizer.no_padding()
    tokenizer.no_truncation()
    seen: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        seen.update(encoding.ids)
    return seen


def _is_latin(piece: str) -> bool:
    is_reserved = len(piece) > 1 and piece.startswith("[")
    return not is_reserved and _LATIN.fullmatch(piece) is not None


def _is_wanted(piece: str, number: int, seen: Counter[int]) -> bool:
    return len(piece.removeprefix("##")) == 1 or number < _COMMON or seen[number] >= _LEAST_SEEN
