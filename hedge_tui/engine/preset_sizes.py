"""Sizes of the keys 1 to 5: `set preset 3 500usd`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast import Order
from hedge_tui.command.parser import parse
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast import Raw

COUNT = 5
EXAMPLE = "set preset 3 500usd"
_SYMBOL = "BTC.p"


def read_preset(value: Raw) -> tuple[str, str]:
    """(name of the setting, size) of what was typed behind `set preset`.

    Raises:
        CommandError: no number from 1 to 5, or what follows is no size of an order.
    """
    number, _, size = value.text.strip().partition(" ")
    size = size.strip()
    if number not in {str(n) for n in range(1, COUNT + 1)} or not size:
        raise CommandError(f"a preset has a number from 1 to {COUNT} and a size", value.span, EXAMPLE)
    try:
        line = parse(f"buy {size} {_SYMBOL}")
    except CommandError as error:
        raise CommandError(f"{size}: {error.message}", value.span, error.hint, error.readings) from None
    body = line.cmds[0].body
    if len(line.cmds) > 1 or not isinstance(body, Order) or [s.text for s in body.symbols] != [_SYMBOL]:
        raise CommandError(f"{size!r} is more than a size", value.span, EXAMPLE)
    return f"preset.{number}", size
