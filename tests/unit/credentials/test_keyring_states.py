"""Every state a desktop keyring can be in, on real session buses: each is told, none is trusted.

Prints what each took; the bar is 5 s, on a machine that has nothing else to do.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hedge_tui.credentials import keyring_worker
from hedge_tui.credentials.errors import KeyringLockedError, KeyringMissingError, KeyringUnavailableError
from hedge_tui.credentials.os_keyring import TIMEOUT_S, KeyringDoor
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT_S = 5.0
SERVICE = Path(__file__).with_name("secret_service.py")
WORKER = Path(keyring_worker.__file__)
PLAIN_TEXT = """
from keyring.backend import KeyringBackend
KEPT = {}
class PlaintextKeyring(KeyringBackend):
    priority = 9
    def get_password(self, service, user): return KEPT.get((service, user), "in the clear")
    def set_password(self, service, user, value): KEPT[service, user] = value
    def delete_password(self, service, user): KEPT.pop((service, user), None)
"""


def door(address: str, *before: str) -> KeyringDoor:
    """A door whose worker sees this session bus and these settings, with the product's own time limit."""
    environ = (f"DBUS_SESSION_BUS_ADDRESS={address}", *before)
    return KeyringDoor(command=("env", *environ, sys.executable, "-I", str(WORKER)))


@pytest.fixture
def hanging_bus(tmp_path: Path) -> Iterator[str]:
    """A bus that takes connections and says nothing."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "bus"))
        server.listen()
        yield f"unix:path={tmp_path / 'bus'}"


@pytest.fixture
def bus() -> Iterator[Callable[[str], str]]:
    """Starts a real bus, with a locked keyring on it unless `dialog` is empty; gives its address."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with contextlib.ExitStack() as running:

        def start(dialog: str) -> str:
            daemon = running.enter_context(
                subprocess.Popen(
                    ["dbus-daemon", "--session", "--nofork", "--print-address"],
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            running.callback(daemon.terminate)
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            if dialog:
                service = running.enter_context(
                    subprocess.Popen(
                        ["env", f"DBUS_SESSION_BUS_ADDRESS={address}", sys.executable, str(SERVICE), dialog],
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
                running.callback(service.terminate)
                assert service.stdout is not None
                assert service.stdout.readline() == "ready\n"
            return address

        yield start


@pytest.fixture
def plain_text(tmp_path: Path) -> list[str]:
    """Environment of a worker for which a plain-text backend is installed and chosen."""
    package = tmp_path / "site" / "plainring"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PLAIN_TEXT)
    metadata = tmp_path / "site" / "plainring-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plainring\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[keyring.backends]\nplain = plainring\n")
    settings = tmp_path / "config" / "python_keyring"
    settings.mkdir(parents=True)
    (settings / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=plainring.PlaintextKeyring\n")
    return [f"XDG_CONFIG_HOME={tmp_path / 'config'}", f"SITE={tmp_path / 'site'}"]


def test_each_state_is_told_in_time(
    hanging_bus: str, bus: Callable[[str], str], plain_text: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "unix:path=/nonexistent"
    run = "import sys, os, runpy; sys.path.insert(0, os.environ['SITE']); "
    chosen = run + "import keyring; print(keyring.get_keyring().get_password('s', 'u'))"
    naive = ["env", f"DBUS_SESSION_BUS_ADDRESS={nowhere}", *plain_text, sys.executable, "-c", chosen]
    assert subprocess.check_output(naive, text=True).strip() == "in the clear", "keyring itself would take it"
    worker = run + f"runpy.run_path({str(WORKER)!r}, run_name='__main__')"
    among_plain = KeyringDoor(
        command=("env", f"DBUS_SESSION_BUS_ADDRESS={nowhere}", *plain_text, sys.executable, "-c", worker)
    )
    null = "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring"
    chainer = "PYTHON_KEYRING_BACKEND=keyring.backends.chainer.ChainerBackend"
    states: dict[str, tuple[KeyringDoor, type[Exception]]] = {
        "no bus": (door(nowhere), KeyringMissingError),
        "a bus without a keyring": (door(bus("")), KeyringMissingError),
        "locked, dialog dismissed": (door(bus("dismiss")), KeyringLockedError),
        "locked, dialog nobody answers": (door(bus("ignore")), KeyringUnavailableError),
        "hanging bus": (door(hanging_bus), KeyringUnavailableError),
        "plain-text backend installed and chosen": (among_plain, KeyringMissingError),
        "null backend chosen": (door(nowhere, null), KeyringMissingError),
        "chainer chosen": (door(nowhere, chainer), KeyringMissingError),
    }

    def measure(state: str) -> tuple[str, type[Exception], float]:
        begun = time.monotonic()
        try:
            states[state][0].write("hedge_tui", "test", Secret("the-vault-key"))
        except KeyringUnavailableError as error:
            return state, type(error), time.monotonic() - begun
        pytest.fail(f"{state}: the key was written")

    with ThreadPoolExecutor(len(states)) as side_by_side:
        found = list(side_by_side.map(measure, states))
    with capsys.disabled():
        print()
        for state, error, seconds in found:
            print(f"  keyring, {state}: {error.__name__} after {seconds:.2f} s")
    assert TIMEOUT_S < LIMIT_S
    for state, error, seconds in found:
        # A worker that a busy machine has not even started within the limit is given up like a hanging one.
        assert issubclass(error, states[state][1]) or seconds >= TIMEOUT_S, state
        assert seconds < 6 * LIMIT_S, state
