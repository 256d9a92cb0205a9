"""One-time tokens work for one purpose, as often as they were made for, and not late."""

from sqlalchemy import Engine

from safety.domain.accounts import TokenPurpose
from safety.store import one_time
from safety.store.engine import write
from safety.store.one_time import OneTime
from tests.integration.store.entries import NOW
from tests.integration.store.people import at_once

RESET, VERIFY = TokenPurpose.RESET_PASSWORD, TokenPurpose.VERIFY_EMAIL


def test_a_token_says_whose_it_is_when_it_is_used(engine: Engine) -> None:
    with write(engine) as connection:
        one_time.add_token(
            connection, b"t", RESET, "acme", "acc_mia", expires_at=NOW + 10, data=b"mail"
        )
        used = one_time.use_token(connection, b"t", RESET, "acme", NOW + 9)
        assert used == OneTime("acme", "acc_mia", b"mail", uses_left=0)
        assert one_time.use_token(connection, b"t", RESET, "acme", NOW + 9) is None


def test_a_token_does_not_work_late_or_for_something_else(engine: Engine) -> None:
    with write(engine) as connection:
        one_time.add_token(connection, b"t", RESET, "acme", "acc_mia", expires_at=NOW + 10)
        assert one_time.use_token(connection, b"t", VERIFY, "acme", NOW) is None
        assert one_time.use_token(connection, b"other", RESET, "acme", NOW) is None
        assert one_time.use_token(connection, b"t", RESET, "acme", NOW + 10) is None
        assert one_time.use_token(connection, b"t", RESET, "acme", NOW) is not None


def test_a_token_works_exactly_as_often_as_it_was_made_for(engine: Engine) -> None:
    with write(engine) as connection:
        one_time.add_token(connection, b"t", RESET, "acme", "acc_mia", expires_at=NOW + 10, uses=5)
    used = at_once(
        engine, lambda connection: one_time.use_token(connection, b"t", RESET, "acme", NOW)
    )
    left = sorted(each.uses_left for each in used if each is not None)
    assert left == [0, 1, 2, 3, 4]


def test_another_tenant_can_neither_use_a_token_nor_use_it_up(engine: Engine) -> None:
    with write(engine) as connection:
        one_time.add_token(connection, b"t", RESET, "acme", "acc_mia", expires_at=NOW + 10)
        assert one_time.use_token(connection, b"t", RESET, "other", NOW) is None
        assert one_time.use_token(connection, b"t", RESET, "acme", NOW) is not None


def test_tokens_are_taken_back_by_subject_and_purpose(engine: Engine) -> None:
    with write(engine) as connection:
        for name, purpose, subject in (
            (b"1", RESET, "acc_mia"),
            (b"2", VERIFY, "acc_mia"),
            (b"3", VERIFY, "acc_mia"),
            (b"4", RESET, "acc_ana"),
        ):
            one_time.add_token(connection, name, purpose, "acme", subject, expires_at=NOW + 10)
        assert one_time.drop_tokens(connection, "other", "acc_mia") == 0
        assert one_time.drop_tokens(connection, "acme", "acc_mia", RESET) == 1
        assert one_time.drop_tokens(connection, "acme", "acc_mia") == 2
        assert one_time.use_token(connection, b"4", RESET, "acme", NOW) is not None


def test_purging_takes_only_tokens_of_no_more_use(engine: Engine) -> None:
    with write(engine) as connection:
        for name, expires_at in ((b"used", NOW + 9), (b"old", NOW), (b"good", NOW + 9)):
            one_time.add_token(connection, name, RESET, "acme", "acc_mia", expires_at=expires_at)
        one_time.use_token(connection, b"used", RESET, "acme", NOW)
        assert one_time.purge_tokens(connection, NOW) == 2
        assert one_time.use_token(connection, b"good", RESET, "acme", NOW) is not None
