"""The network: the lower layers of the published encoder with one answer for each model on top."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from safety.training.encoder.base import Base

# Positions that texts are cut to; the published table is longer.
MOST_TOKENS = 64
_DROPOUT = 0.1


class Network(nn.Module):
    """Texts as numbers in, one logit for each model out.

    The mean of all tokens says what a text is about; their maximum finds the one word or the one
    sentence that matters inside a long harmless text.
    """

    def __init__(self, body: nn.Module, width: int, heads: int) -> None:
        super().__init__()
        self.body = body
        self.drop = nn.Dropout(_DROPOUT)
        self.head = nn.Linear(2 * width, heads)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """`ids` and `mask` are (texts, tokens); the result is (texts, heads)."""
        hidden = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        inside = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * inside).sum(1) / inside.sum(1)
        most = (hidden + (inside - 1) * 1e4).amax(1)
        logits: Tensor = self.head(self.drop(torch.cat([mean, most], 1)))
        return logits


def network(base: Base, kept: Sequence[int], *, layers: int, heads: int) -> Network:
    """A network with the published weights: the first `layers` layers, the `kept` pieces.

    The table of pieces stays as published: words that training never shows keep their meaning.
    """
    from transformers import BertModel  # noqa: PLC0415 - four seconds to import

    body: Any = BertModel.from_pretrained(base.folder, add_pooling_layer=False)
    body.encoder.layer = body.encoder.layer[:layers]
    body.config.num_hidden_layers = layers
    pieces = body.embeddings.word_embeddings.weight.data[list(kept)]
    body.embeddings.word_embeddings = nn.Embedding.from_pretrained(pieces, padding_idx=0)
    places = body.embeddings.position_embeddings.weight.data[:MOST_TOKENS]
    body.embeddings.position_embeddings = nn.Embedding.from_pretrained(places)
    body.embeddings.position_ids = body.embeddings.position_ids[:, :MOST_TOKENS]
    body.embeddings.token_type_ids = body.embeddings.token_type_ids[:, :MOST_TOKENS]
    for parameter in body.embeddings.parameters():
        parameter.requires_grad_(requires_grad=False)
    return Network(body, int(pieces.shape[1]), heads)
