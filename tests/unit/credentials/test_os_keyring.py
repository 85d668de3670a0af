"""The keyring door: time limit, allow-list, and one error per state of the keyring."""

from __future__ import annotations

import json
import sys
import time

import pytest

from hedge_tui.credentials import keyring_worker
from hedge_tui.credentials.errors import KeyringLockedError, KeyringMissingError, KeyringUnavailableError
from hedge_tui.credentials.os_keyring import KeyringDoor
from hedge_tui.domain.secret import Secret


def answering(reply: object, timeout_s: float = 5.0) -> KeyringDoor:
    script = f"import sys; sys.stdin.read(); print({json.dumps(json.dumps(reply))})"
    return KeyringDoor(timeout_s, (sys.executable, "-I", "-c", script))


def test_a_hanging_bus_is_given_up() -> None:
    door = KeyringDoor(0.2, (sys.executable, "-I", "-c", "import time; time.sleep(60)"))
    started = time.monotonic()
    with pytest.raises(KeyringUnavailableError, match=r"within 0\.2 s"):
        door.read("s", "u")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"error": "none", "detail": "KWallet: off"}, KeyringMissingError),
        ({"error": "locked", "detail": "Secret Service"}, KeyringLockedError),
        ({"error": "failed", "detail": "bus"}, KeyringUnavailableError),
        (["not", "an", "answer"], KeyringUnavailableError),
    ],
)
def test_each_state_has_its_error(reply: object, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        answering(reply).read("s", "u")
    assert type(caught.value) is error


def test_a_keyring_that_loses_writes_is_noticed() -> None:
    with pytest.raises(KeyringUnavailableError, match="did not keep"):
        answering({"value": None, "backend": "null"}).write("s", "u", Secret("value"))


def test_a_helper_that_dies_is_noticed() -> None:
    with pytest.raises(KeyringUnavailableError, match="code 3"):
        KeyringDoor(command=(sys.executable, "-I", "-c", "raise SystemExit(3)")).read("s", "u")


def test_only_allowed_backends_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain-text keyring named in the environment is not looked at."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    with pytest.raises(KeyringMissingError, match="Secret Service"):
        KeyringDoor().read("hedge_tui", "nobody")
    with pytest.raises(KeyringMissingError, match="Secret Service"):
        KeyringDoor().backend()


class Backend:
    priority = 5
    kept: dict[tuple[str, str], str] = {}  # noqa: RUF012 - one shared keyring is what a keyring is

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, value: str) -> None:
        self.kept[service, user] = value

    def delete_password(self, service: str, user: str) -> None:
        from keyring.errors import PasswordDeleteError

        if self.kept.pop((service, user), None) is None:
            raise PasswordDeleteError


def test_the_worker_sets_gets_and_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_worker, "find_backend", lambda: (Backend(), "fake", []))
    asked = {"service": "s", "user": "u"}
    assert keyring_worker.answer({"do": "which"}) == {"value": None, "backend": "fake"}
    assert keyring_worker.answer({**asked, "do": "get"}) == {"value": None, "backend": "fake"}
    assert keyring_worker.answer({**asked, "do": "set", "value": "x"})["value"] == "x"
    assert keyring_worker.answer({**asked, "do": "get"})["value"] == "x"
    for _ in range(2):
        assert keyring_worker.answer({**asked, "do": "delete"})["value"] is None


def test_the_worker_tells_a_locked_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.errors import KeyringLocked

    class Locked(Backend):
        def get_password(self, service: str, user: str) -> str | None:
            raise KeyringLocked("dismissed")

    monkeypatch.setattr(keyring_worker, "find_backend", lambda: (Locked(), "fake", []))
    assert keyring_worker.answer({"do": "get", "service": "s", "user": "u"})["error"] == "locked"
