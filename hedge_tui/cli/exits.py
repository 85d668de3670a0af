"""Exit codes, and which error gives which: what a script can rely on."""

from __future__ import annotations

from typing import Final

from hedge_tui.domain import errors

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
"""The command line or the trader's line in it has to be typed differently."""
NO_ENGINE: Final = 3
DENIED: Final = 4
"""The risk gate said no; nothing was sent."""
UNKNOWN: Final = 5
"""Something was sent and no answer came: look before sending again."""

INTERRUPTED: Final = 130

_BY_REFUSAL: Final = {"command": USAGE, "denied": DENIED, "unavailable": FAILED}
"""Exit code by the kind of a refusal that the engine sent (`wire.messages.Failure`)."""


def exit_code(error: errors.HedgeError) -> int:
    """The exit code of an error of ours."""
    # Errors of the wire carry the engine's refusal. They are told by that, not by their class: importing
    # the wire would cost every command its start-up time.
    if refusal := getattr(error, "failure", None):
        return _BY_REFUSAL.get(str(refusal.kind), FAILED)
    match error:
        case errors.CommandError():
            return USAGE
        case errors.EngineUnreachable():
            return NO_ENGINE
        case errors.OutcomeUnknown():
            return UNKNOWN
    return FAILED


def error_lines(error: errors.HedgeError) -> list[str]:
    """One line that says what is wrong, and one with what to do where the error knows it."""
    source = getattr(error, "failure", None) or error
    lines = [f"hedge: {error}"]
    readings = tuple(getattr(source, "readings", ()))
    hint = str(getattr(source, "hint", ""))
    if readings:
        lines.append("       it could mean: " + " | ".join(readings))
    elif hint:
        lines.append(f"       try: {hint}")
    return lines
