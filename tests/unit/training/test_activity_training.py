"""Tables of activity are read as they are published, and teach only where that is allowed."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from safety.classifiers.activity import INPUTS, ActivityModel, numbers_of
from safety.classifiers.registry import load_model
from safety.domain.features import Value
from safety.training.activity.table import FILE, read_accounts, values_of
from safety.training.activity.train import SIGNS, train_activity
from safety.training.labelled import TRAIN, LabelledRow
from safety.training.trainers import TRAINERS, DataMissing, Order

ACCOUNTS = 300
COLUMNS = (
    "account", "num_activities", "num_activity_type", "repos", "owner",
    "consecutive_activity_time_mean", "consecutive_activity_time_median",
    "consecutive_activity_time_std", "label", "split",
)  # fmt: skip


def a_table(folder: Path) -> Path:
    random = np.random.default_rng(3)
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / FILE, "wt", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(ACCOUNTS):
            is_bot = number % 2
            kinds = 1 + random.poisson(1.0 if is_bot else 7.0)
            owners = 1 + random.poisson(0.3 if is_bot else 3.0)
            gap = random.lognormal(1.0 if is_bot else 2.5, 1.0)
            split = "valid" if number % 5 == 0 else "train"
            rows.writerow(
                (number, kinds * 20, kinds, owners + 1, owners, gap, gap / 9, gap, is_bot, split)
            )
    return folder


def an_order(
    tmp_path: Path, *, research: bool = True, more: list[LabelledRow] | None = None
) -> Order:
    a_table(tmp_path / "accounts")
    out = tmp_path / "models" / "activity" / "1001"
    return Order(tmp_path, out, "2026-11-23", 20, include_research=research, more=more or ())


def desk_rows() -> list[LabelledRow]:
    return [
        LabelledRow(values=an_account(1 + 6 * person), label=1 - person, weight=1.0,
                    source="desk", language="und", split=TRAIN)
        for person in (0, 1) for _ in range(40)
    ]  # fmt: skip


def an_account(kinds: int) -> dict[str, Value]:
    values: dict[str, Value] = dict.fromkeys(INPUTS, 5.0)
    return values | {"attributes.activity_kinds": kinds}


def test_published_columns_and_our_own_names_are_read_alike() -> None:
    published = {"num_activities": "40", "consecutive_activity_time_mean": "0.5", "owner": "x"}
    assert values_of(published) == values_of({"actions": "40", "gap_mean": "1800"})
    assert values_of({}) == {}


def test_a_table_is_read_in_its_order(tmp_path: Path) -> None:
    accounts = read_accounts(a_table(tmp_path))
    assert [one.is_bot for one in accounts[:4]] == [False, True, False, True]
    assert all(numbers_of(one.values) for one in accounts)


def test_research_rows_teach_one_part_and_the_other_measures(tmp_path: Path) -> None:
    trained = train_activity(an_order(tmp_path))
    content = trained.card.content
    never, left_out = content["metrics"]
    assert (never["rows"], left_out["rows"]) == (ACCOUNTS // 5, ACCOUNTS * 4 // 5)
    assert never["auc"] > 0.9
    assert content["licence"].startswith("NOT TO BE SHIPPED")
    model = load_model(tmp_path / "models" / "activity" / "1001")
    assert isinstance(model, ActivityModel)
    assert (model.score(an_account(1)) or 0.0) > (model.score(an_account(9)) or 1.0)
    for curve in model._weights.curves:
        assert (np.diff(curve.values) * SIGNS.get(curve.habit, 0) >= -1e-4).all()


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (train_activity(an_order(tmp_path / name)) for name in ("one", "other"))
    assert one.card == other.card


def test_the_desk_alone_teaches_where_research_rows_may_not(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="include-research"):
        train_activity(an_order(tmp_path, research=False))
    with pytest.raises(DataMissing, match="include-research"):
        train_activity(an_order(tmp_path, research=False, more=desk_rows()[:45]))
    trained = train_activity(an_order(tmp_path, research=False, more=desk_rows()))
    never, left_out = trained.card.content["metrics"]
    assert (never["rows"], left_out["rows"]) == (ACCOUNTS, len(desk_rows()))
    assert [each["is_trained_on"] for each in trained.card.content["sources"]] == [False, True]


def test_a_folder_without_the_table_is_said_to_lack_it(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=FILE):
        read_accounts(tmp_path)
    assert TRAINERS["activity"].trainer() is train_activity
