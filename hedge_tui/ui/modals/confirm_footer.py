"""The last line of the confirm dialog: what the keys do now, in every phase. Pure."""

from __future__ import annotations

from enum import Enum

from textual.content import Content

from hedge_tui.ui.widgets.inert import inert


class Phase(Enum):
    """Where a confirmation stands."""

    ASKING = "asking"
    EXPIRED = "expired"
    WAITING = "waiting"
    SENDING = "sending"
    REFUSED = "refused"
    DONE = "done"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def footer(
    phase: Phase,
    *,
    sendable: int,
    unsent: int,
    left_s: float,
    armed: bool,
    trading: bool,
    fits: bool,
    preview_only: bool,
    fault: str,
    noun: str = "order",
    asks: str = "",
) -> Content:
    """What can be done.

    Args:
        phase: where it stands.
        sendable: rows that will be sent.
        unsent: rows that cannot be sent.
        left_s: seconds of validity.
        armed: keys count.
        trading: this console holds the lock.
        fits: all columns can be read.
        preview_only: the line asked for no more.
        fault: why it was refused.
        noun: what is sent, such as order or cancel.
        asks: what the key does instead of sending, or "".
    """
    close = ("Esc", "bold"), (" closes", "")
    if phase is Phase.SENDING:
        return Content.assemble((f"sending {_plural(sendable, noun)} ...", "bold $text-accent"))
    if phase is Phase.WAITING:
        return Content.assemble(("previewing again ...", "bold $text-accent"))
    if phase is Phase.DONE:
        return Content.assemble(("some orders failed   ", "bold $text-error"), *close)
    if phase is Phase.REFUSED:
        return Content.assemble(
            (inert(fault), "bold $text-error"), "\n", ("r", "bold"), " previews again   ", *close
        )
    if phase is Phase.EXPIRED:
        return Content.assemble(
            ("this preview is too old   ", "bold $text-warning"), ("r", "bold"), " previews again   ", *close
        )
    if preview_only:
        return Content.assemble(("preview only: nothing can be sent from here   ", "bold"), *close)
    if not sendable:
        return Content.assemble(("nothing can be sent   ", "bold $text-error"), *close)
    if not fits:
        return Content.assemble(("confirm is off until all columns fit   ", "bold $text-error"), *close)
    if not trading:
        return Content.assemble(
            ("this console is read-only   ", "bold $text-warning"), ("F9", "bold"), " takes over   ", *close
        )
    some = f", {unsent} not" if unsent else ""
    key = ("Enter", "bold $text-success") if armed else ("Enter", "$foreground 40%")
    words = f" {inert(asks) or f'sends {_plural(sendable, noun)}{some}'}" if armed else " in a moment ..."
    return Content.assemble(
        key, (words, "" if armed else "$foreground 40%"), "   ", ("Esc", "bold"), " sends nothing   ",
        (f"{left_s:.0f} s left", "$text-warning" if left_s < 4 else "$foreground 70%"),
    )  # fmt: skip
