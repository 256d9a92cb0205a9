"""Shapes stay inside their chart and are as long as what they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from safety.training.charts import HEIGHT, WIDTH, column_chart, interval_chart, row_chart

NUMBERS = st.lists(
    st.integers(0, 10**9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=90
)
SHARES = st.lists(
    st.one_of(st.none(), st.tuples(*[st.floats(0, 1)] * 3).map(lambda t: (t[1], min(t), max(t)))),
    max_size=60,
)


@given(numbers=NUMBERS)
def test_columns_stay_inside_and_parts_inside_their_column(numbers: list[tuple[int, int]]) -> None:
    chart = column_chart([str(n) for n in range(len(numbers))], numbers)
    for column, part in zip(chart.columns, chart.parts, strict=True):
        assert 0 <= column.x <= column.x + column.width <= WIDTH + 1e-9
        assert 0 <= column.y <= column.y + column.height <= HEIGHT
        assert part.height <= column.height + 1e-9
        assert abs((part.y + part.height) - (column.y + column.height)) < 1e-9
    assert len(chart.names) <= 8


def test_a_column_is_as_high_as_its_number() -> None:
    chart = column_chart(["a", "b"], [(10, 5), (5, 0)])
    assert chart.columns[0].height == 2 * chart.columns[1].height
    assert chart.parts[0].height == chart.columns[1].height
    assert [tick.label for tick in chart.ticks] == ["0", "5", "10"]


@given(shares=SHARES)
def test_whiskers_stay_inside(shares: list[tuple[float, float, float] | None]) -> None:
    chart = interval_chart([str(n) for n in range(len(shares))], shares)
    assert len(chart.whiskers) == sum(share is not None for share in shares)
    for whisker in chart.whiskers:
        assert 0 <= whisker.high <= whisker.low <= HEIGHT


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_the_longest_bar_fills_its_row(numbers: list[int]) -> None:
    chart = row_chart([str(n) for n in numbers], numbers)
    assert all(bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert all(bar.y + bar.height <= chart.height for bar in chart.bars)
