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

INDENT: Final = "       "
"""As wide as `hedge: `."""

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
    """What is wrong, the place of it in the typed line, and what to do where the error knows that."""
    refusal = getattr(error, "failure", None)
    source = refusal or error
    denied = refusal is not None and str(refusal.kind) == "denied"
    lines = [f"hedge: {'denied by the risk gate: ' if denied else ''}{error}"]
    lines += _place(str(getattr(error, "typed", "")), getattr(source, "span", (0, 0)))
    readings = tuple(getattr(source, "readings", ()))
    hint = str(getattr(source, "hint", ""))
    if readings:
        lines.append(f"{INDENT}it could mean: {' | '.join(readings)}")
    elif denied and hint:
        lines.append(f"{INDENT}rule: {hint}; nothing was sent")
    elif hint:
        # The engine's hints are sentences, those of the command line are lines to type.
        lines.append(f"{INDENT}{'' if refusal else 'try: '}{hint}")
    return lines


def _place(typed: str, span: tuple[int, int]) -> list[str]:
    """The line as typed with marks under the exact characters."""
    start, end = span
    if not typed or not 0 <= start <= end <= len(typed) or not end:
        return []
    return [f"{INDENT}{typed}", f"{INDENT}{' ' * start}{'^' * max(end - start, 1)}"]
