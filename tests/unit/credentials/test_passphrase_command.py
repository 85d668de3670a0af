"""A password manager's command: its first line is the passphrase, anything else is said."""

from __future__ import annotations

import sys

import pytest

from hedge_tui.credentials.errors import UnlockCommandError
from hedge_tui.credentials.passphrase_command import passphrase_from_command


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-c", code]


def test_the_first_line_is_the_passphrase() -> None:
    secret = passphrase_from_command(python("print('correct horse ')\nprint('user: me')"))
    assert secret.reveal() == "correct horse "


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ([], "empty"),
        (["/nonexistent/pass"], "cannot be run"),
        (python("raise SystemExit(4)"), "code 4"),
        (python("pass"), "no passphrase"),
        (python("print('x' * 5000)"), "no passphrase"),
        (python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\n')"), "not print text"),
    ],
)
def test_what_goes_wrong_is_said(command: list[str], complaint: str) -> None:
    with pytest.raises(UnlockCommandError, match=complaint):
        passphrase_from_command(command)


def test_a_command_that_hangs_is_given_up() -> None:
    with pytest.raises(UnlockCommandError, match=r"within 0\.2 s"):
        passphrase_from_command(python("import time; time.sleep(60)"), timeout_s=0.2)


def test_nothing_it_printed_is_in_a_message() -> None:
    with pytest.raises(UnlockCommandError) as caught:
        passphrase_from_command(python("print('hunter2'); raise SystemExit(1)"))
    assert "hunter2" not in str(caught.value)
