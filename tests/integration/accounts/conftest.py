"""A gate on every database for the tests of accounts."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.integration.accounts.gate_house import Gate, a_gate


@pytest.fixture
def gate(engine: Engine) -> Iterator[Gate]:
    with a_gate(engine) as running:
        yield running
