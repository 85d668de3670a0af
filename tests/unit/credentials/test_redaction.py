"""No registered secret gets through, in any of the spellings that libraries use."""

from __future__ import annotations

import base64
import io
import logging
import reprlib
import sys
import threading
from urllib.parse import quote, urlencode

import pytest

from hedge_tui.credentials.redaction import MASK, RedactingFilter, Redactor, install_excepthooks
from hedge_tui.domain.secret import Secret

VALUE = "s3cr3t/Key+with=odd&chars"


@pytest.fixture
def redactor() -> Redactor:
    made = Redactor()
    made.register(Secret(VALUE), Secret("pass"), Secret("ab"), Secret(""))
    return made


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(b"k:" + VALUE.encode() + b"tail").decode(),
        base64.b64encode(b"user:" + VALUE.encode()).decode(),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        quote(VALUE),
        quote(VALUE, safe=""),
        urlencode({"secret": VALUE}),
        repr({"secret": VALUE}),
    ],
)
def test_every_spelling_is_blanked_out(redactor: Redactor, text: str) -> None:
    cleaned = redactor.redact(f"before {text} after")
    assert MASK in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    core = base64.b64encode(VALUE.encode()).decode()[4:-6]
    for trace in (VALUE, "odd&chars", VALUE.encode().hex(), core, "with%3Dodd"):
        assert trace not in cleaned


def test_lines_of_a_pem_key_are_blanked_out() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    redactor = Redactor()
    redactor.register(Secret(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    assert body not in redactor.redact(f"line: {body}")
    assert "BEGIN PRIVATE KEY" in redactor.redact("-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize("size", [12, 20, 30])
def test_pieces_of_a_long_secret_are_blanked_out(size: int) -> None:
    value = "q7Zr1LkP0vXe9TnB4mYc8WsA2dHg6JuF"
    redactor = Redactor()
    redactor.register(Secret(value))
    for start in range(len(value) - size + 1):
        piece = value[start : start + size]
        assert redactor.redact(f"'{piece}...'") == f"'{MASK}...'"
    shorter = reprlib.Repr()
    shorter.maxstring = 44
    shortened = shorter.repr(f"key {value}")
    assert value[-12:] in shortened
    assert value[-12:] not in redactor.redact(shortened)
    assert redactor.redact(f"{value[:11]} and {value}{value}") == f"{value[:11]} and {MASK}"


def test_short_values_and_an_empty_registry_change_nothing(redactor: Redactor) -> None:
    assert redactor.redact("about a cab") == "about a cab"
    assert Redactor().redact(VALUE) == VALUE


def test_log_records_are_cleaned_with_their_traceback(redactor: Redactor) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(redactor))
    log = logging.getLogger("test.redaction")
    log.addHandler(handler)
    try:
        secret = VALUE
        try:
            int(secret)
        except ValueError:
            log.exception("call with %s failed", secret, stack_info=True)
        log.error("broken %d arguments", secret)
    finally:
        log.removeHandler(handler)
    written = stream.getvalue()
    assert "s3cr3t" not in written
    assert "invalid literal for int() with base 10: '[redacted]'" in written
    assert "do not fit" in written


def test_uncaught_errors_are_cleaned(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    install_excepthooks(redactor)
    error = RuntimeError(VALUE)
    sys.excepthook(RuntimeError, error, None)

    def fail() -> None:
        raise RuntimeError(VALUE)

    thread = threading.Thread(target=fail, name="feed")
    thread.start()
    thread.join()
    shown = capsys.readouterr().err
    assert "s3cr3t" not in shown
    assert shown.count("RuntimeError: [redacted]") == 2
    assert "In thread feed" in shown
