"""What became of the legs of a confirmed plan, as lines and as one sentence. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual.content import Content

from hedge_tui.domain.instrument import InstrumentId, symbol_of
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from hedge_tui.wire.messages import LegResult, Result

FAILED = frozenset({"rejected", "denied", "unknown", "cancel_unknown", "amend_unknown", "absent", "failed"})
"""Answers to look at. "not sent" is none of them: the preview had said so."""


def failed_legs(result: Result) -> list[LegResult]:
    """Legs that a trader has to know about."""
    return [leg for leg in result.legs if leg.status in FAILED or leg.status.startswith("not sent:")]


def summary(result: Result) -> str:
    """One sentence, such as "3 orders sent: 2 filled, 1 live"."""
    if result.text:
        return inert(result.text)
    counts = Counter(leg.status.replace("_", " ") for leg in result.legs if leg.status != "not sent")
    words = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    noun = "order" if any(leg.client_order_id for leg in result.legs) or not result.legs else "change"
    orders = f"{result.sent} {noun}{'s' if result.sent != 1 else ''} sent"
    return f"{orders}: {words}" if words else orders


def result_lines(result: Result, width: int) -> Content:
    """One line a leg, failures first, with the reason in the venue's words."""
    bad = failed_legs(result)
    lines = [Content.styled(summary(result), "bold")]
    for leg in [*bad, *(leg for leg in result.legs if leg not in bad)][:200]:
        symbol = symbol_of(InstrumentId(leg.instrument)) if leg.instrument else ""
        reason = f": {leg.reason}" if leg.reason else ""
        text = inert(f"  {leg.account}  {symbol}  {leg.status.replace('_', ' ')}{reason}")
        lines.append(Content.styled(text[: max(1, width * 2)], "$text-error" if leg in bad else ""))
    return Content("\n").join(lines)
