"""Accounts: one for each name and address, changed only as long as what was seen still holds."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine

from safety.domain.accounts import Account, AccountStatus
from safety.store import accounts
from safety.store.engine import read, write
from tests.integration.store.entries import NOW
from tests.integration.store.people import an_account, at_once, keep

MIA = an_account("acc_mia")


def the_account(engine: Engine, account_id: str = "acc_mia") -> Account:
    with read(engine) as connection:
        found = accounts.get_account(connection, "acme", account_id)
    assert found is not None
    return found


def test_an_account_is_read_back_as_it_was_given(engine: Engine) -> None:
    full = an_account(
        "acc_full",
        email_verified_at=NOW,
        password_pepper="p1",
        status=AccountStatus.HELD,
        status_reason="SIGNUP_BURST",
        held_by="dec_1",
        failures=3,
        must_reset=True,
    )
    bare = an_account("acc_bare", email=None, email_key=None, password_hash=None)
    keep(engine, full, bare)
    assert the_account(engine, "acc_full") == full
    assert the_account(engine, "acc_bare") == bare


def test_nobody_reads_an_account_of_another_tenant(engine: Engine) -> None:
    keep(engine, MIA)
    with write(engine) as connection:
        assert accounts.get_account(connection, "other", "acc_mia") is None
        assert accounts.hold_account(connection, "other", "acc_mia") is None
        assert (
            accounts.find_by_login(
                connection, "other", username_key=MIA.username_key, email_key=MIA.email_key
            )
            is None
        )
        assert not accounts.set_password(connection, "other", "acc_mia", "$new", None, NOW)
        assert accounts.count_failure(connection, "other", "acc_mia", most=3) == 0
        accounts.take_back_failure(connection, "other", "acc_mia")


def test_a_name_is_given_once_however_many_sign_up_with_it_at_once(engine: Engine) -> None:
    numbers = iter(range(100))

    def sign_up(connection: Connection) -> bool:
        number = next(numbers)
        mail = f"{number}@example.org"
        return accounts.add_account(
            connection,
            an_account(f"acc_{number}", username_key="mia", email=mail, email_key=mail),
        )

    assert sum(at_once(engine, sign_up, people=20)) == 1


def test_an_address_is_given_once_in_a_tenant_and_none_may_be_absent_often(
    engine: Engine,
) -> None:
    keep(engine, MIA)
    keep(engine, an_account("acc_1", email=None, email_key=None))
    keep(engine, an_account("acc_2", email=None, email_key=None))
    keep(engine, replace(MIA, id="acc_elsewhere", tenant="other"))
    with write(engine) as connection:
        again = an_account("acc_3", email_key=MIA.email_key)
        assert not accounts.add_account(connection, again)
        assert accounts.get_account(connection, "acme", "acc_3") is None


@pytest.mark.parametrize(
    ("username_key", "email_key", "found"),
    [
        (MIA.username_key, MIA.email_key, {"username", "email"}),
        (MIA.username_key, None, {"username"}),
        (MIA.username_key, "new@example.org", {"username"}),
        ("new", MIA.email_key, {"email"}),
        ("new", None, set()),
        (None, None, set()),
    ],
)
def test_what_is_taken_is_named(
    engine: Engine, username_key: str | None, email_key: str | None, found: set[str]
) -> None:
    keep(engine, MIA, an_account("acc_bare", email=None, email_key=None))
    with read(engine) as connection:
        assert accounts.taken(connection, "acme", username_key, email_key) == found
        assert accounts.taken(connection, "other", username_key, email_key) == set()


def test_an_account_is_found_by_its_name_and_by_its_address(engine: Engine) -> None:
    keep(engine, MIA, an_account("acc_bare", email=None, email_key=None))
    with read(engine) as connection:

        def find(username_key: str | None, email_key: str | None) -> Account | None:
            return accounts.find_by_login(
                connection, "acme", username_key=username_key, email_key=email_key
            )

        assert find(MIA.username_key, None) == MIA
        assert find(None, MIA.email_key) == MIA
        assert find("nobody", "nobody@example.org") is None
        assert find(None, None) is None


def test_whose_name_it_is_comes_before_whose_address_it_is(engine: Engine) -> None:
    sneak = an_account("acc_a", email_key="shared")
    keep(engine, sneak, an_account("acc_b", username_key="shared"))
    with read(engine) as connection:
        found = accounts.find_by_login(
            connection, "acme", username_key="shared", email_key="shared"
        )
    assert found is not None
    assert found.id == "acc_b"


def test_a_new_password_forgives_wrong_ones(engine: Engine) -> None:
    keep(engine, an_account(failures=100, must_reset=True))
    with write(engine) as connection:
        assert accounts.set_password(connection, "acme", "acc_mia", "$new", "p1", NOW + 5)
        assert not accounts.set_password(connection, "acme", "nobody", "$new", "p1", NOW + 5)
    changed = the_account(engine)
    assert (changed.password_hash, changed.password_pepper) == ("$new", "p1")
    assert (changed.password_changed_at, changed.failures) == (NOW + 5, 0)
    assert not changed.must_reset


def test_a_better_hash_never_brings_back_a_password_that_was_changed_meanwhile(
    engine: Engine,
) -> None:
    keep(engine, MIA)
    with write(engine) as connection:
        names = (connection, "acme", "acc_mia")
        assert accounts.rehash(*names, old_hash="$argon2id$old", new_hash="$better", pepper="p1")
        accounts.set_password(*names, "$new", None, NOW)
        assert not accounts.rehash(*names, old_hash="$better", new_hash="$best", pepper="p1")
    assert the_account(engine).password_hash == "$new"
    assert the_account(engine).password_changed_at == NOW


def test_every_wrong_password_counts_and_enough_of_them_demand_a_reset(engine: Engine) -> None:
    keep(engine, MIA)
    counts = at_once(
        engine, lambda connection: accounts.count_failure(connection, "acme", "acc_mia", most=7)
    )
    assert sorted(counts) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert the_account(engine).must_reset


def test_a_wrong_password_that_nobody_looked_at_is_taken_back(engine: Engine) -> None:
    keep(engine, MIA)
    with write(engine) as connection:
        accounts.count_failure(connection, "acme", "acc_mia", most=3)
        for _ in range(2):
            accounts.take_back_failure(connection, "acme", "acc_mia")
    assert the_account(engine).failures == 0


def test_the_right_password_clears_the_count_but_no_reset_that_is_due(engine: Engine) -> None:
    keep(engine, MIA)
    with write(engine) as connection:
        for _ in range(2):
            accounts.count_failure(connection, "acme", "acc_mia", most=1)
        accounts.clear_failures(connection, "acme", "acc_mia")
    assert the_account(engine).failures == 0
    assert the_account(engine).must_reset


def test_a_status_changes_only_from_those_that_were_expected(engine: Engine) -> None:
    keep(engine, an_account(status=AccountStatus.HELD))
    with write(engine) as connection:
        names = (connection, "acme", "acc_mia")
        held, active = [AccountStatus.HELD], [AccountStatus.ACTIVE]
        assert not accounts.set_status(*names, AccountStatus.LOCKED, "abuse", expected=active)
        assert accounts.set_status(*names, AccountStatus.ACTIVE, "looked at", expected=held)
        assert not accounts.set_status(*names, AccountStatus.CLOSED, "refused", expected=held)
        assert not accounts.set_status(*names, AccountStatus.CLOSED, "refused", expected=[])
    assert the_account(engine).status is AccountStatus.ACTIVE
    assert the_account(engine).status_reason == "looked at"


def test_an_address_is_verified_only_while_it_is_the_accounts(engine: Engine) -> None:
    keep(engine, MIA)
    with write(engine) as connection:
        names = (connection, "acme", "acc_mia")
        assert not accounts.verify_email(*names, "old@example.org", NOW)
        assert accounts.verify_email(*names, "acc_mia@example.org", NOW + 1)
        assert accounts.verify_email(*names, "acc_mia@example.org", NOW + 2)
    assert the_account(engine).email_verified_at == NOW + 1


def test_an_address_changes_only_to_one_that_nobody_has(engine: Engine) -> None:
    keep(engine, MIA, an_account("acc_ana"))
    with write(engine) as connection:
        names = (connection, "acme", "acc_mia")
        assert not accounts.change_email(*names, "x", "acc_ana@example.org", NOW + 1)
        assert accounts.change_email(*names, "New@example.org", "new@example.org", NOW + 2)
        assert not accounts.change_email(connection, "acme", "nobody", "y", "y", NOW)
    changed = the_account(engine)
    assert (changed.email, changed.email_key) == ("New@example.org", "new@example.org")
    assert changed.email_verified_at == NOW + 2


def test_of_two_accounts_that_take_an_address_at_once_one_gets_it(engine: Engine) -> None:
    keep(engine, *(an_account(f"acc_{number}") for number in range(8)))
    numbers = iter(range(8))

    def change(connection: Connection) -> bool:
        mail = "wanted@example.org"
        name = f"acc_{next(numbers)}"
        return accounts.change_email(connection, "acme", name, mail, mail, NOW)

    assert sum(at_once(engine, change)) == 1
