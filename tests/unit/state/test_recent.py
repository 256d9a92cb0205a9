"""The table that forgets: bounded, and what is used stays."""

from hypothesis import given
from hypothesis import strategies as st

from safety.state.recent import Recent


def test_what_is_used_stays_and_what_is_not_goes() -> None:
    table: Recent[int, str] = Recent(10)
    table.put(0, "kept")
    for key in range(1, 100):
        table.put(key, "other")
        assert table.get(0) == "kept"
    assert table.get(50) is None
    assert len(table) <= 10


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=300), st.integers(2, 20))
def test_it_never_holds_more_than_it_may_nor_a_wrong_value(
    steps: list[tuple[bool, int]], most: int
) -> None:
    table: Recent[int, int] = Recent(most)
    truth: dict[int, int] = {}
    for number, (writes, key) in enumerate(steps):
        if writes:
            table.put(key, number)
            truth[key] = number
        else:
            assert table.get(key) in {None, truth.get(key)}
        assert len(table) <= most
    if steps and steps[-1][0]:
        assert table.get(steps[-1][1]) == truth[steps[-1][1]]
