"""What the second factor promises: enrolled once, each code good once, wrong ones counted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, text
from structlog.testing import capture_logs

from safety.accounts.codes import CodeLimits
from safety.accounts.second_factor import Status
from safety.domain.accounts import Factor
from safety.domain.errors import (
    AlreadyEnrolled,
    CodeRejected,
    NotFound,
    TooManyRequests,
    Unavailable,
)
from safety.gates.vault import KeyRing, Vault
from safety.store import audit
from safety.store.engine import read, write
from tests.integration.accounts.factor_scene import AUDIT_KEY, NOON, Phone, Scene

MINUTE = 60


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    made = Scene(engine)
    yield made
    made.pool.stop()


def is_accepted(scene: Scene, code: str, subject: str = "mo") -> bool:
    try:
        scene.factor.check_code("acme", subject, code)
    except (CodeRejected, TooManyRequests):
        return False
    return True


def test_an_app_counts_once_it_has_shown_a_code(scene: Scene) -> None:
    secret = scene.factor.enrol("acme", "mo", "mo@example.com").secret
    assert scene.factor.status("acme", "mo") == Status(False, True, None, 0, 0)
    assert not is_accepted(scene, Phone(secret, scene.clock)())
    scene.factor.confirm("acme", "mo", Phone(secret, scene.clock)())
    assert scene.factor.status("acme", "mo") == Status(True, False, NOON, 10, 0)


def test_a_code_of_the_app_proves_it_and_works_once(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    assert scene.factor.check_code("acme", "mo", phone()) is Factor.TOTP
    assert not is_accepted(scene, phone())
    scene.clock.at += 30
    assert is_accepted(scene, phone())


def test_the_code_that_confirmed_the_app_does_not_also_sign_in(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    scene.clock.at -= 30
    assert not is_accepted(scene, phone())


def test_no_code_works_after_a_later_one(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    assert is_accepted(scene, phone(steps_ahead=1))
    assert not is_accepted(scene, phone())


def test_spaces_in_a_code_are_forgiven_and_other_digits_are_not(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    wide = "".join(chr(0xFF10 + int(digit)) for digit in phone())
    assert not is_accepted(scene, wide)
    assert is_accepted(scene, f"{phone()[:3]} {phone()[3:]} ")


def test_how_far_a_phone_is_off_is_reported(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    assert is_accepted(scene, phone(steps_ahead=1))
    assert scene.factor.status("acme", "mo").drift == 1


def test_a_recovery_code_works_once(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    assert scene.factor.check_code("acme", "mo", phone.paper[3].lower()) is Factor.RECOVERY_CODE
    assert not is_accepted(scene, phone.paper[3])
    assert scene.factor.status("acme", "mo").codes_left == 9


@pytest.mark.parametrize("which", ["app", "paper"])
def test_of_twenty_who_send_a_code_at_once_one_gets_in(scene: Scene, which: str) -> None:
    phone = scene.enrolled("mo")
    scene.limits = CodeLimits(most=50)
    factor, code = scene.factor, phone() if which == "app" else phone.paper[0]

    def enter(_: int) -> bool:
        try:
            factor.check_code("acme", "mo", code)
        except CodeRejected:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(enter, range(20))) == 1


def test_of_two_who_confirm_at_once_one_gets_the_codes_that_work(scene: Scene) -> None:
    secret = scene.factor.enrol("acme", "mo", "mo").secret
    factor, code = scene.factor, Phone(secret, scene.clock)()

    def confirm(_: int) -> list[str]:
        try:
            return factor.confirm("acme", "mo", code)
        except CodeRejected:
            return []

    with ThreadPoolExecutor(4) as pool:
        given = [codes for codes in pool.map(confirm, range(4)) if codes]
    assert len(given) == 1
    assert is_accepted(scene, given[0][0])


def test_five_wrong_codes_in_fifteen_minutes_are_enough(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    for _ in range(5):
        with pytest.raises(CodeRejected):
            scene.factor.check_code("acme", "mo", "000000")
    with pytest.raises(TooManyRequests) as refused:
        scene.factor.check_code("acme", "mo", phone())
    assert refused.value.retry_after == 15 * MINUTE
    scene.clock.at += 15 * MINUTE
    assert is_accepted(scene, phone())


def test_all_kinds_of_wrong_codes_count_together(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    for wrong in ("000000", "0000-0000-0000-0000-0000", "x" * 100_000, "", "\ud800\x00"):
        assert not is_accepted(scene, wrong)
    with pytest.raises(TooManyRequests):
        scene.factor.check_code("acme", "mo", phone.paper[0])


def test_right_codes_are_not_counted_and_forget_no_wrong_ones(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    for _ in range(4):
        assert not is_accepted(scene, "000000")
    for _ in range(6):
        scene.clock.at += 30
        assert is_accepted(scene, phone())
    assert not is_accepted(scene, "000000")
    with pytest.raises(TooManyRequests):
        scene.factor.check_code("acme", "mo", phone())


def test_somebody_without_a_second_factor_is_answered_like_a_wrong_code(scene: Scene) -> None:
    for code in ("123456", "0000-0000-0000-0000-0000", "?", "123456", "123456"):
        with pytest.raises(CodeRejected):
            scene.factor.check_code("acme", "nobody", code)
    with pytest.raises(TooManyRequests):
        scene.factor.check_code("acme", "nobody", "123456")


def test_a_code_is_good_for_its_own_subject_and_tenant_only(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    scene.enrolled("ana")
    scene.enrolled("mo", tenant="other")
    assert not is_accepted(scene, phone(), "ana")
    assert not is_accepted(scene, phone.paper[0], "ana")
    with pytest.raises(CodeRejected):
        scene.factor.check_code("other", "mo", phone())
    assert is_accepted(scene, phone())


def test_a_secret_moved_into_another_row_is_worthless_there(scene: Scene) -> None:
    victim, thief = scene.enrolled("mo"), scene.enrolled("thief")
    stolen = text("SELECT sealed FROM totp_enrolments WHERE subject = 'thief'")
    put = text("UPDATE totp_enrolments SET sealed = :sealed WHERE subject = 'mo'")
    with write(scene.engine) as connection:
        connection.execute(put, {"sealed": connection.execute(stolen).scalar_one()})
    assert not is_accepted(scene, thief())
    assert not is_accepted(scene, victim())
    assert is_accepted(scene, victim.paper[0])


def test_without_its_key_an_app_proves_nothing_and_the_paper_still_does(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    scene.vault = Vault(KeyRing("k2", {"k2": b"w" * 32}))
    assert not is_accepted(scene, phone())
    assert is_accepted(scene, phone.paper[0])


def test_whoever_has_no_app_is_answered_alike_after_a_key_was_taken_out(scene: Scene) -> None:
    scene.vault = Vault(KeyRing("k1", {"k1": b"v" * 32}))
    factor = scene.factor
    scene.vault.use(KeyRing("k2", {"k2": b"w" * 32}))
    with capture_logs() as lines, pytest.raises(CodeRejected):
        factor.check_code("acme", "nobody", "000000")
    assert [line["event"] for line in lines] == ["second_factor_checked"]


def test_a_code_that_nobody_looked_at_is_no_wrong_one(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    scene.pool.stop()
    for _ in range(9):
        with pytest.raises(Unavailable):
            scene.factor.check_code("acme", "mo", phone.paper[0])
    assert is_accepted(scene, phone())


def test_a_clock_that_jumps_ahead_and_back_lets_no_code_in_twice(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    used = phone()
    assert is_accepted(scene, used)
    scene.clock.at += 10 * 365 * 24 * 3600
    assert is_accepted(scene, phone())
    scene.clock.at = NOON + 30
    assert not is_accepted(scene, used)
    assert is_accepted(scene, phone.paper[0])


def test_enrolling_again_needs_the_first_app_to_be_removed(scene: Scene) -> None:
    scene.enrolled("mo")
    with pytest.raises(AlreadyEnrolled):
        scene.factor.enrol("acme", "mo", "mo")
    assert scene.factor.remove("acme", "mo")
    assert scene.enrolled("mo").paper


def test_enrolling_again_before_confirming_replaces_the_secret(scene: Scene) -> None:
    first = scene.factor.enrol("acme", "mo", "mo").secret
    second = scene.factor.enrol("acme", "mo", "mo").secret
    with pytest.raises(CodeRejected):
        scene.factor.confirm("acme", "mo", Phone(first, scene.clock)())
    assert scene.factor.confirm("acme", "mo", Phone(second, scene.clock)())


@pytest.mark.parametrize("subject", ["nobody", "mo"])
def test_there_is_nothing_to_confirm_before_enrolling_or_twice(scene: Scene, subject: str) -> None:
    phone = scene.enrolled("mo")
    with pytest.raises(CodeRejected):
        scene.factor.confirm("acme", subject, phone())


def test_removing_it_voids_the_app_and_the_paper(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    assert scene.factor.remove("acme", "mo")
    assert not scene.factor.remove("acme", "mo")
    assert not is_accepted(scene, phone())
    assert not is_accepted(scene, phone.paper[0])
    assert scene.factor.status("acme", "mo") == Status(False, False, None, 0, 0)


def test_new_recovery_codes_void_the_old_ones(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    fresh = scene.factor.regenerate("acme", "mo")
    assert not is_accepted(scene, phone.paper[0])
    assert is_accepted(scene, fresh[0])
    assert len(set(fresh) | set(phone.paper)) == 20


def test_without_an_app_there_are_no_recovery_codes(scene: Scene) -> None:
    scene.factor.enrol("acme", "mo", "mo")
    for subject in ("nobody", "mo"):
        with pytest.raises(NotFound):
            scene.factor.regenerate("acme", subject)


def test_what_happened_is_in_the_audit_log_without_secrets_or_the_platforms_ids(
    scene: Scene,
) -> None:
    phone = scene.enrolled("mo@example.com")
    scene.factor.regenerate("acme", "mo@example.com", author="key:1")
    scene.factor.remove("acme", "mo@example.com", author="key:1")
    with read(scene.engine) as connection:
        noted = audit.recent(connection)
        assert audit.verify(connection, key=AUDIT_KEY).is_intact
    said = repr(noted)
    assert [each.action for each in noted] == [
        "second_factor.removed",
        "second_factor.codes_replaced",
        "second_factor.enrolled",
    ]
    assert phone.secret not in said
    assert "mo@example.com" not in said


def every_cell(engine: Engine) -> bytes:
    """All that the tables of second factors hold, as text and as bytes."""
    cells = b""
    with read(engine) as connection:
        for table in ("totp_enrolments", "recovery_codes", "throttles", "audit"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608  own names
                cells += b"|".join(
                    bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode()
                    for each in row
                )
    return cells


def test_nothing_in_the_database_is_a_secret_or_a_code(scene: Scene) -> None:
    phone = scene.enrolled("mo")
    cells = every_cell(scene.engine)
    for code in phone.paper:
        assert code.replace("-", "").encode() not in cells
        assert code.replace("-", "")[4:].encode() not in cells
    assert phone.secret.encode() not in cells


@pytest.mark.parametrize("code", ["000000", "0000-0000-0000-0000-0000"])
def test_a_wrong_code_asks_the_database_the_same_whoever_it_is(scene: Scene, code: str) -> None:
    scene.enrolled("mo")
    asked: list[str] = []
    event.listen(scene.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    assert not is_accepted(scene, code, "mo")
    of_somebody, asked[:] = list(asked), []
    assert not is_accepted(scene, code, "nobody")
    assert of_somebody == asked
