"""Authenticator apps and recovery codes: each step and each code is accepted once."""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Connection, Engine

from safety.store import recovery, totp
from safety.store.engine import read, write
from safety.store.totp import Enrolment
from tests.integration.store import racing
from tests.integration.store.entries import NOW
from tests.integration.store.people import at_once, in_processes

MIA = ("acme", "acc_mia")
FRESH = Enrolment(*MIA, sealed=b"secret", created_at=NOW)


def enrol(engine: Engine, enrolment: Enrolment = FRESH, *, step: int = 1) -> None:
    """Have a confirmed enrolment."""
    with write(engine) as connection:
        assert totp.put_enrolment(connection, enrolment)
        who = (connection, enrolment.tenant, enrolment.subject)
        assert totp.confirm_enrolment(*who, step=step, drift=0, at=NOW)


def the_enrolment(engine: Engine) -> Enrolment | None:
    with read(engine) as connection:
        return totp.get_enrolment(connection, *MIA)


def test_an_enrolment_may_be_begun_again_until_it_is_confirmed(engine: Engine) -> None:
    again = replace(FRESH, sealed=b"again", created_at=NOW + 1)
    with write(engine) as connection:
        assert totp.get_enrolment(connection, *MIA) is None
        assert totp.put_enrolment(connection, FRESH)
        assert totp.put_enrolment(connection, again)
        assert totp.get_enrolment(connection, *MIA) == again
        assert totp.confirm_enrolment(connection, *MIA, step=7, drift=-1, at=NOW + 2)
        assert not totp.put_enrolment(connection, FRESH)
        assert not totp.confirm_enrolment(connection, *MIA, step=9, drift=0, at=NOW + 3)
    assert the_enrolment(engine) == replace(again, confirmed_at=NOW + 2, last_step=7, drift=-1)


def test_a_code_never_confirms_a_secret_that_it_was_not_made_from(engine: Engine) -> None:
    with write(engine) as connection:
        totp.put_enrolment(connection, FRESH)
        totp.put_enrolment(connection, replace(FRESH, sealed=b"again"))
        when = {"step": 7, "drift": 0, "at": NOW}
        assert not totp.confirm_enrolment(connection, *MIA, **when, sealed=b"secret")  # type: ignore[arg-type]  # numbers all
        assert totp.confirm_enrolment(connection, *MIA, **when, sealed=b"again")  # type: ignore[arg-type]  # numbers all


def test_an_enrolment_that_is_not_confirmed_accepts_nothing(engine: Engine) -> None:
    with write(engine) as connection:
        totp.put_enrolment(connection, FRESH)
        assert not totp.accept_step(connection, *MIA, step=5, drift=0)
        assert not totp.accept_step(connection, "acme", "nobody", step=5, drift=0)


def test_a_step_is_accepted_once_and_none_before_it_any_more(engine: Engine) -> None:
    enrol(engine, step=5)
    with write(engine) as connection:
        assert not totp.accept_step(connection, *MIA, step=5, drift=0)
        assert totp.accept_step(connection, *MIA, step=7, drift=1)
        assert not totp.accept_step(connection, *MIA, step=7, drift=1)
        assert not totp.accept_step(connection, *MIA, step=6, drift=0)
    enrolment = the_enrolment(engine)
    assert enrolment is not None
    assert (enrolment.last_step, enrolment.drift) == (7, 1)


def test_of_many_who_present_a_code_at_once_one_gets_in(engine: Engine) -> None:
    enrol(engine)
    accepted = at_once(
        engine, lambda connection: totp.accept_step(connection, *MIA, step=2, drift=0)
    )
    assert sum(accepted) == 1


def test_processes_together_accept_each_step_at_most_once(
    engine: Engine, database_url: str
) -> None:
    enrol(engine, step=0)
    assert 1 <= in_processes(database_url, "accept_a_step") <= racing.STEPS


def test_an_enrolment_is_removed_once_and_may_be_begun_anew(engine: Engine) -> None:
    enrol(engine)
    with write(engine) as connection:
        assert not totp.remove_enrolment(connection, "other", "acc_mia")
        assert totp.remove_enrolment(connection, *MIA)
        assert not totp.remove_enrolment(connection, *MIA)
        assert totp.put_enrolment(connection, FRESH)


def test_every_secret_can_be_sealed_again_page_by_page(engine: Engine) -> None:
    subjects = [("acme", "b"), ("acme", "a"), ("zoo", "a"), ("acme", "c"), ("bee", "z")]
    for tenant, subject in subjects:
        enrol(engine, replace(FRESH, tenant=tenant, subject=subject))
    seen: list[tuple[str, str]] = []
    with write(engine) as connection:
        while page := totp.sealed_enrolments(connection, after=seen[-1] if seen else None, limit=2):
            seen += [(each.tenant, each.subject) for each in page]
            for each in page:
                place = (connection, each.tenant, each.subject)
                assert totp.reseal(*place, old=each.sealed, new=b"resealed")
        assert {
            each.sealed for each in totp.sealed_enrolments(connection, after=None, limit=9)
        } == {b"resealed"}
    assert seen == sorted(subjects)


def test_a_secret_that_was_enrolled_anew_meanwhile_is_not_overwritten(engine: Engine) -> None:
    enrol(engine)
    with write(engine) as connection:
        assert not totp.reseal(connection, *MIA, old=b"earlier", new=b"lost")
    enrolment = the_enrolment(engine)
    assert enrolment is not None
    assert enrolment.sealed == b"secret"


def give_codes(engine: Engine, number: int = racing.CODES) -> None:
    with write(engine) as connection:
        codes = [(f"code{place}", f"$argon2id${place}") for place in range(number)]
        recovery.replace_codes(connection, *MIA, codes, NOW)


def test_a_recovery_code_is_found_by_its_selector_until_it_is_spent(engine: Engine) -> None:
    give_codes(engine)
    with write(engine) as connection:
        assert recovery.find_code(connection, *MIA, "code3") == "$argon2id$3"
        assert recovery.find_code(connection, *MIA, "other") is None
        assert recovery.find_code(connection, "acme", "acc_ana", "code3") is None
        assert not recovery.spend_code(connection, "acme", "acc_ana", "code3", NOW)
        assert recovery.spend_code(connection, *MIA, "code3", NOW)
        assert not recovery.spend_code(connection, *MIA, "code3", NOW)
        assert recovery.find_code(connection, *MIA, "code3") is None
        assert recovery.codes_left(connection, *MIA) == 9


def test_a_recovery_code_works_once_however_many_present_it(engine: Engine) -> None:
    give_codes(engine)
    spent = at_once(engine, lambda connection: recovery.spend_code(connection, *MIA, "code0", NOW))
    assert sum(spent) == 1


def test_processes_together_spend_each_recovery_code_once(
    engine: Engine, database_url: str
) -> None:
    give_codes(engine)
    assert in_processes(database_url, "spend_a_code") == racing.CODES


@pytest.mark.parametrize("number", [0, 1, 10, 12])
def test_new_recovery_codes_replace_all_of_the_old(engine: Engine, number: int) -> None:
    give_codes(engine)
    with write(engine) as connection:
        recovery.spend_code(connection, *MIA, "code0", NOW)
        new = [(f"new{place}", "$hash") for place in range(number)]
        recovery.replace_codes(connection, *MIA, new, NOW + 1)
        assert recovery.codes_left(connection, *MIA) == number
        assert recovery.find_code(connection, *MIA, "code1") is None


def test_of_two_sets_of_recovery_codes_made_at_once_one_remains(engine: Engine) -> None:
    sets = count()

    def regenerate(connection: Connection) -> None:
        name = next(sets)
        codes = [(f"{name}-{place}", "$hash") for place in range(10 - name)]
        recovery.replace_codes(connection, *MIA, codes, NOW)

    at_once(engine, regenerate)
    with read(engine) as connection:
        left = [
            [
                place
                for place in range(10)
                if recovery.find_code(connection, *MIA, f"{name}-{place}") is not None
            ]
            for name in range(8)
        ]
    whole = [name for name, places in enumerate(left) if places]
    assert len(whole) == 1
    assert left[whole[0]] == list(range(10 - whole[0]))


def test_recovery_codes_are_forgotten_with_the_second_factor(engine: Engine) -> None:
    give_codes(engine)
    with write(engine) as connection:
        assert recovery.remove_codes(connection, *MIA) == 10
        assert recovery.remove_codes(connection, *MIA) == 0
        assert recovery.codes_left(connection, *MIA) == 0
