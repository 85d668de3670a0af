"""What the console shows of armed mode. The engine counts; nothing here does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.compact_number import compact_text

if TYPE_CHECKING:
    from hedge_tui.ui.link import DeskLink

TOPIC = "armed"
TWICE_S = 0.8
"""Two escapes within this time disarm."""


@dataclass(frozen=True, slots=True)
class ArmedSign:
    """The envelope in force.

    Attributes:
        left_s: seconds. cap, left: notional in `currency`. mine: this console armed it.
    """

    left_s: int
    cap: float
    left: float
    currency: str
    mine: bool

    @property
    def short(self) -> str:
        """Word and time: "ARMED 4:32"."""
        word = "ARMED" if self.mine else "armed elsewhere"
        return f"{word} {self.left_s // 60}:{self.left_s % 60:02}"

    @property
    def words(self) -> str:
        """With the cap: "ARMED 4:32  3.50K of 5.00K USDT left"."""
        return f"{self.short}  {compact_text(self.left)} of {compact_text(self.cap)} {self.currency} left"


def armed_sign(link: DeskLink) -> ArmedSign | None:
    """The envelope as the engine told it last, None without one or without an engine."""
    table = link.replica.tables.get(TOPIC)
    if not link.attached or table is None or not table.rows:
        return None
    row = dict(zip(table.columns, next(iter(table.rows.values())), strict=False))
    welcome = link.welcome
    return ArmedSign(
        int(row["left_s"]),
        float(row["cap"]),
        float(row["left"]),
        str(row["currency"]),
        welcome is not None and row["holder"] == welcome.client_name,
    )


class TwoEscapes:
    """Sees two escapes in a row."""

    def __init__(self) -> None:
        self._first_s = -TWICE_S

    def seen(self, key: str, pressed_s: float) -> bool:
        """Whether this key is the second of two."""
        if key != "escape":
            self._first_s = -TWICE_S
            return False
        again = pressed_s - self._first_s < TWICE_S
        self._first_s = -TWICE_S if again else pressed_s
        return again
