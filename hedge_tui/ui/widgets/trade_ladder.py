"""The book pane as a ladder to trade on: while it is the active pane its rows are prices with a cursor.

It sends nothing. Keys become messages that name the price on screen; the Trade screen makes lines of them.
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from hedge_tui.ui.keys import bind
from hedge_tui.ui.modals.arming import ARM_S, Arming
from hedge_tui.ui.own_levels import OwnOrder, OwnPosition, QueueGuess
from hedge_tui.ui.widgets.ladder_cursor import LadderCursor
from hedge_tui.ui.widgets.order_book import OrderBook
from hedge_tui.ui.widgets.price_ladder import LadderSight, RowOrders, price_ladder, rows_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType

    from hedge_tui.ui.armed_sign import ArmedSign

REPEAT_S = 0.12
"""Order keys closer than this come from a held-down key: only the first counts."""
LADDER_BINDINGS: list[BindingType] = [
    bind("k,up", "move(1)", "up", "ladder.up", "Cursor to the price above"),
    bind("j,down", "move(-1)", "down", "ladder.down", "Cursor to the price below"),
    bind("pageup", "page(1)", "page up", "ladder.page_up", "Half a ladder up"),
    bind("pagedown", "page(-1)", "page down", "ladder.page_down", "Half a ladder down"),
    bind("c", "centre", "centre", "ladder.centre", "Cursor and window to the market"),
    bind("f", "follow", "follow", "ladder.follow", "The window follows the market, or stays"),
    bind("comma", "coarser(-1)", "finer", "ladder.finer", "Finer prices"),
    bind("full_stop", "coarser(1)", "coarser", "ladder.coarser", "Coarser prices"),
    bind("b", "order('buy',True)", "buy here", "ladder.buy", "Buy the chosen size at the cursor's price"),
    bind("s", "order('sell',True)", "sell here", "ladder.sell", "Sell the chosen size at the cursor's price"),
    bind("B", "order('buy',False)", "buy market", "ladder.buy_market", "Buy the chosen size at the market"),
    bind("S", "order('sell',False)", "sell market", "ladder.sell_market", "Sell it at the market"),
    bind("x", "cancel_level", "cancel level", "ladder.cancel", "Cancel own orders at the cursor's price"),
    bind("X", "cancel_market", "cancel all here", "ladder.cancel_all", "Cancel own orders of this market"),
    *(
        bind(str(n), f"choose({n})", f"size {n}", f"ladder.size_{n}", f"Choose size {n}; `set preset {n}`")
        for n in range(1, 6)
    ),
]


class TradeLadder(OrderBook):
    """A ladder.

    Args:
        now_ns: UTC nanoseconds. presets: sizes of the keys 1 to 5. armed: the envelope in force.
        now_s: monotonic seconds.

    Attributes:
        active: its pane is the active one: it is a ladder; otherwise it is the book.
        cursor: where it stands. chosen: the chosen size, from 0.
    """

    BINDINGS: ClassVar[list[BindingType]] = LADDER_BINDINGS

    class Ordered(Message):
        """A key wants an order.

        Attributes:
            side: buy or sell. price: exact, as shown; None at the market. size: as in a line.
        """

        def __init__(self, side: str, price: Decimal | None, size: str) -> None:
            self.side, self.price, self.size = side, price, size
            super().__init__()

    class Cancelled(Message):
        """A key wants these own orders gone."""

        def __init__(self, orders: Sequence[OwnOrder], where: str) -> None:
            self.orders, self.where = tuple(orders), where
            super().__init__()

    def __init__(
        self,
        now_ns: Callable[[], int] = time.time_ns,
        presets: Callable[[], Sequence[str]] = tuple,
        armed: Callable[[], ArmedSign | None] = lambda: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(now_ns)
        self._presets = presets
        self._armed = armed
        self._now_s = now_s
        self._arming = Arming(now_s())
        self._pressed_s = 0.0
        self._orders: list[OwnOrder] = []
        self._position: OwnPosition | None = None
        self._guess = QueueGuess()
        self._said = ""
        self._active = False
        self.cursor = LadderCursor()
        self.chosen = 0

    # -- what it is told

    @property
    def active(self) -> bool:
        """Whether it is a ladder now."""
        return self._active

    @active.setter
    def active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self._arming = Arming(self._now_s())
            self.redraw()

    def set_own(self, orders: Sequence[OwnOrder]) -> None:
        """Our working limit orders here."""
        self._orders = list(orders)
        self.mark_own([(o.side, o.price, o.quantity) for o in orders])
        self.redraw()

    def set_position(self, position: OwnPosition | None) -> None:
        """Our position here."""
        self._position = position
        self.redraw()

    def focus_on(self, instrument: str, digits: tuple[int, int]) -> None:
        """Another instrument: no price of the old one stays under the cursor."""
        if self.topic != (f"book:{instrument}" if instrument else ""):
            self.cursor.reset(Decimal(0))
            self._arming = Arming(self._now_s())
            self._position, self._orders, self._guess = None, [], QueueGuess()
        super().focus_on(instrument, digits)

    @property
    def cursor_price(self) -> Decimal | None:
        """The exact price under the cursor, None before there is one."""
        cursor = self.cursor
        if not (self._active and cursor.tick) or cursor.at is None:
            return None
        return cursor.price(cursor.at)

    @property
    def size_text(self) -> str:
        """The chosen size, "" when none is configured."""
        presets = self._presets()
        return presets[min(self.chosen, len(presets) - 1)] if presets else ""

    @property
    def standing(self) -> str:
        """Position in words, for the pane's title."""
        position = self._position
        if position is None:
            return ""
        word = "long" if position.quantity > 0 else "short"
        price, quantity = self._digits
        return f"{word} {abs(position.quantity):,.{quantity}f} at {position.entry:,.{price}f}"

    # -- painting

    def redraw(self) -> None:
        """A ladder while its pane is active and its price step is known, else the book."""
        if not self._ready():
            super().redraw()
            return
        cursor, mid = self.cursor, self._mid()
        cursor.fit(rows_in(self.size.height))
        if mid is not None:
            if cursor.at is None:
                levels = [p for side in ("bids", "asks") for p, _ in self._book.get(side, ())[:10]]
                cursor.choose_step(levels)
                cursor.centre(mid)
            else:
                cursor.see(mid, self._now_s())
        lines = price_ladder(cursor, self._sight(), self.size.width, self.size.height)
        if lines:
            self.show(lines)
        else:
            super().redraw()

    @property
    def tick(self) -> Decimal:
        """Price step of the instrument, 0 while it is not known."""
        return Decimal(self._book.get("tick") or 0)

    def _ready(self) -> bool:
        tick = self.tick
        if tick and tick != self.cursor.tick:
            self.cursor.reset(tick)
        return self._active and bool(tick) and (self._mid() is not None or self.cursor.at is not None)

    def _mid(self) -> float | None:
        bids, asks = self._book.get("bids"), self._book.get("asks")
        return (bids[0][0] + asks[0][0]) / 2 if bids and asks else None

    def _sight(self) -> LadderSight:
        cursor = self.cursor
        bids, asks = self._book.get("bids", ()), self._book.get("asks", ())
        depth: tuple[dict[int, float], dict[int, float]] = ({}, {})
        for index, levels in enumerate((bids, asks)):
            for price, quantity in levels:
                row = cursor.row_of(price, up=bool(index))
                depth[index][row] = depth[index].get(row, 0.0) + quantity
        own: dict[tuple[str, int], RowOrders] = {}
        for order in self._orders:
            there = own.setdefault((order.side, self._row(order)), RowOrders())
            there.quantity += order.quantity
            there.pending |= order.pending
        self._guess.look(self._orders, bids, asks)
        position = self._position
        note, alarm = self._note()
        return LadderSight(
            *depth,
            own,
            self._digits,
            cursor.row_of(position.entry) if position is not None else None,
            position is None or position.quantity > 0,
            f"STALE: the book is {self.stale_s:.0f} s old" if self.stale_s else "",
            self._presets(),
            self.chosen,
            note,
            alarm,
        )

    def _row(self, order: OwnOrder) -> int:
        return self.cursor.row_of(order.price, up=order.side == "sell")

    def _note(self) -> tuple[str, bool]:
        """The last line: what was said to the last key, own orders at the cursor, or what b and s do."""
        if self._said:
            return self._said, True
        price = self.cursor_price
        if price is None:
            return "no price yet", False
        mine = self._here()
        at = f"{price:,.{self._digits[0]}f}"
        if rows := self.cursor.hidden_rows:
            unit = "row" if abs(rows) == 1 else "rows"
            at += f" ({abs(rows)} {unit} {'up' if rows > 0 else 'down'})"
        if mine:
            total = sum(order.quantity for order in mine)
            ahead = [a for order in mine if (a := self._guess.ahead(order.id)) is not None]
            queue = f", at most {max(ahead):g} ahead" if ahead else ""
            return f"yours {total:g} at {at}{queue}: x cancels", False
        sign = self._armed()
        if sign is not None and sign.mine:
            return f"b s SENDS: {self.size_text} at {at}", True
        return f"b s asks: {self.size_text} at {at}", False

    def _here(self) -> list[OwnOrder]:
        return [order for order in self._orders if self._row(order) == self.cursor.at]

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """See each key before its binding runs."""
        if event.__class__.__name__ == "Key":
            self._pressed_s = event.time
        await super().on_event(event)

    def _key(self, said: str = "") -> None:
        self._said = said
        self.cursor.key(self._now_s())
        self.redraw()

    def action_move(self, rows: int) -> None:
        """One price up or down."""
        self.cursor.move(rows)
        self._key()

    def action_page(self, way: int) -> None:
        """Half a ladder."""
        self.cursor.move(way * max(1, self.cursor.rows // 2))
        self._key()

    def action_centre(self) -> None:
        """To the market."""
        mid = self._mid()
        if mid is not None and self.cursor.tick:
            self.cursor.centre(mid)
        self._key()

    def action_follow(self) -> None:
        """Follow the market, or stay."""
        self.cursor.following = not self.cursor.following
        self._key(
            "follows the market" if self.cursor.following else "stays where it is; c centres, f follows"
        )

    def action_coarser(self, way: int) -> None:
        """Another price step."""
        mid = self._mid()
        if mid is not None and self.cursor.tick:
            self.cursor.coarser(way, mid)
        self._key()

    def action_choose(self, number: int) -> None:
        """Another size."""
        if number <= len(self._presets()):
            self.chosen = number - 1
        self._key()

    def action_order(self, side: str, here: bool) -> None:
        """An order at the cursor, or at the market; only for a price that was in sight before the key."""
        now = self._now_s()
        if not self._arming.accepts(self._pressed_s, now):
            return self._key("too quick after the pane opened, or a held-down key: nothing was sent")
        self._arming = Arming(now - ARM_S + REPEAT_S)
        price = self.cursor_price if here else None
        if not self._ready() or (here and price is None):
            return self._key("no price under the cursor yet")
        if not self.size_text:
            return self._key("no size: set preset 1 500usd")
        self._key()
        self.post_message(self.Ordered(side, price, self.size_text))
        return None

    def action_cancel_level(self) -> None:
        """Own orders of the cursor's row."""
        mine = self._here() if self.cursor_price is not None else []
        self._key("" if mine else "no order of yours at this price")
        if mine:
            self.post_message(self.Cancelled(mine, "level"))

    def action_cancel_market(self) -> None:
        """All own orders of this market."""
        self._key("" if self._orders else "no order of yours in this market")
        if self._orders:
            self.post_message(self.Cancelled(self._orders, "market"))
