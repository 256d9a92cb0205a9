"""Settings are read from the environment, and a mistake in them stops the start in plain words."""

import json
import threading
from pathlib import Path

import pytest

from safety.config import ConfigurationError, Secrets, Settings, load_settings


def test_defaults_need_nothing_but_a_folder() -> None:
    settings = load_settings()
    assert settings.resolved_database_url.startswith("sqlite:////")
    assert settings.host == "127.0.0.1"


def test_a_misspelt_setting_is_refused_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFETY_DATABASE_ULR", "sqlite:///x")
    with pytest.raises(ConfigurationError, match="did you mean SAFETY_DATABASE_URL"):
        load_settings()


def test_a_wrong_value_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFETY_PORT", "hunter2")
    with pytest.raises(ConfigurationError, match="SAFETY_PORT") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_production_refuses_cookies_over_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFETY_ENVIRONMENT", "production")
    assert load_settings().cookies_are_secure
    monkeypatch.setenv("SAFETY_SECURE_COOKIES", "false")
    with pytest.raises(ConfigurationError, match="refused in production"):
        load_settings()


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = Secrets.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Secrets.load_or_create(path)["pepper"] == first["pepper"]
    assert len({first[name] for name in Secrets.NAMES}) == len(Secrets.NAMES)


def test_two_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    peppers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: peppers.append(Secrets.load_or_create(path)["pepper"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(peppers)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.json"]


def test_secrets_that_others_may_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    Secrets.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Secrets.load_or_create(path)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", json.dumps(dict.fromkeys(Secrets.NAMES, "zz")), "null"]
)
def test_a_damaged_secrets_file_is_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="damaged"):
        Secrets.load_or_create(path)
    assert path.read_text() == text


def test_weak_secrets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps(dict.fromkeys(Secrets.NAMES, "00")))
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="fewer than 32 bytes"):
        Secrets.load_or_create(path)


def test_the_hosted_pages_never_sign_people_up_among_the_staff() -> None:
    with pytest.raises(ValueError, match="hosted_tenant"):
        Settings(hosted_tenant="~staff")
