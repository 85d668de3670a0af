"""Writes prices, triggers and distances the way they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.price import Distance, Price, PriceRef, Trigger
from hedge_tui.command.grammar.numbers import number_text
from hedge_tui.command.tokens import quote

if TYPE_CHECKING:
    from hedge_tui.command.ast.price import Offset

_PLAIN_LINE = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def price_text(price: Price) -> str:
    """Write `64000`, `mid-0.2%`, `line:TL3+5bp`."""
    if price.value is not None:
        return number_text(price.value)
    head = price.reference.value
    if price.reference is PriceRef.LINE:
        head = f"line:{price.line if _PLAIN_LINE.fullmatch(price.line) else quote(price.line)}"
    return head if price.offset is None else head + _offset_text(price.offset)


def trigger_text(trigger: Trigger) -> str:
    """Write `4%@mark`."""
    price = trigger.price
    text = distance_text(price) if isinstance(price, Distance) else price_text(price)
    return text if trigger.source is None else f"{text}@{trigger.source.value}"


def distance_text(distance: Distance) -> str:
    """Write `0.5%`."""
    return f"{number_text(distance.value)}{distance.unit.value}"


def _offset_text(offset: Offset) -> str:
    return f"{'+' if offset.value > 0 else ''}{number_text(offset.value)}{offset.unit.value}"
