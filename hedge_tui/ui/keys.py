"""Keys of the app and of every screen; each has an id that `[keys]` in the configuration rebinds.

Capital letters lead to screens, small ones to panes and rows: digits stay free for the preset sizes of armed
mode, where a slip would send an order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

PANIC = Binding("ctrl+k,f12", "app.panic", "Panic", show=False, id="app.panic", priority=True,
                tooltip="Cancel all entries on all accounts")  # fmt: skip
"""Works in every dialog and input as well."""
ABORT = Binding("ctrl+x", "app.abort", "Abort", show=False, id="app.abort", priority=True,
                tooltip="Let no order leave any more of what is being sent")  # fmt: skip
"""So does this."""


def bind(
    keys: str, action: str, words: str, name: str, tooltip: str = "", *, at_once: bool = False
) -> Binding:
    """A binding with an id; `words` are for the hint line.

    Keys that move the focus are carried out `at_once`, before the next key is looked at: a burst (fast
    fingers, a slow line) ends where it was meant for.
    """
    return Binding(keys, action, words, show=False, id=name, tooltip=tooltip or words, priority=at_once)


APP_BINDINGS: list[BindingType] = [
    PANIC,
    ABORT,
    bind(
        "M,f7",
        "screen_named('markets')",
        "Markets",
        "screen.markets",
        "Every instrument of every venue",
        at_once=True,
    ),
    bind(
        "T,f3",
        "screen_named('trade')",
        "Trade",
        "screen.trade",
        "Chart, book, positions, orders",
        at_once=True,
    ),
    bind(
        "P,f4",
        "screen_named('portfolio')",
        "Portfolio",
        "screen.portfolio",
        "Accounts, exposure, balances",
        at_once=True,
    ),
    bind(
        "R,f8",
        "screen_named('risk')",
        "Risk",
        "screen.risk",
        "Net delta, leverage, stress",
        at_once=True,
    ),
    bind("O,f5", "screen_named('orders')", "Orders", "screen.orders", "Orders, fills, runs", at_once=True),
    bind(
        "F,f6", "screen_named('feeds')", "Feeds", "screen.feeds", "Health of the feeds, the log", at_once=True
    ),
    bind(
        "J", "screen_named('journal')", "Journal", "screen.journal", "What the desk did and why", at_once=True
    ),
    bind("H,f1", "screen_named('help')", "Help", "screen.help", "All commands and keys", at_once=True),
    bind("colon,f2", "command", "command", "app.command", "Type a command", at_once=True),
    bind(
        "at",
        "choose_scope",
        "account",
        "app.scope",
        "Choose the active account, group or venue",
        at_once=True,
    ),
    bind("question_mark", "pane_help", "help", "app.help", "Keys and columns of this pane"),
    bind("f9", "take_lock", "take over", "app.lock", "Take the trading lock"),
    bind("U", "unlock", "unlock", "app.unlock", "Open the vault"),
    bind("L", "lock_screen", "lock", "app.lock_screen", "Hide the screen until the passphrase is typed"),
    bind("N", "tour(1)", "next step", "tour.next", "The next step of the tour"),
    bind("ctrl+n", "tour(-1)", "step back", "tour.back", "The step of the tour before"),
    bind("Q", "end_tour", "end the tour", "tour.end", "End the tour; :tour begins it again"),
    bind("ctrl+q", "quit", "quit", "app.quit", "Close the console; the engine goes on"),
]
SCREEN_BINDINGS: list[BindingType] = [
    bind("tab", "step_pane(1)", "next pane", "pane.next"),
    bind("shift+tab", "step_pane(-1)", "previous pane", "pane.previous"),
    bind("z", "zoom", "zoom", "pane.zoom", "Full size for this pane, or all panes again", at_once=True),
    bind("ctrl+w", "layout_mode", "layout", "pane.layout", "Move, split, join and resize panes by keys"),
    bind("slash", "filter", "filter", "pane.filter", "Filter this table as you type", at_once=True),
    bind("C", "columns", "columns", "table.columns", "Choose, order, resize and freeze columns"),
    bind("E", "export", "export", "table.export", "Write the picked rows, or all shown, to a CSV file"),
    bind("x", "cancel_rows", "cancel", "orders.cancel", "Cancel the picked orders, with a preview"),
    bind("a", "amend_row", "amend", "orders.amend", "Amend this order: fills the command line"),
    bind("c", "close_rows", "close", "positions.close", "Close the picked positions, with a preview"),
    bind("e", "use_account", "use account", "accounts.use", "Make this row's account the active one"),
]
MARKET_BINDINGS: list[BindingType] = [
    bind(
        "plus", "watch_row", "watch", "markets.watch", "Put this market (or the picked ones) on the watchlist"
    ),
    bind("minus", "unwatch_row", "unwatch", "markets.unwatch", "Take it off the watchlist"),
    bind("i", "buy", "buy", "order.buy", "Begin a line that buys this market, or the picked ones"),
    bind("d", "sell", "sell", "order.sell", "Begin a line that sells them"),
]
"""Wherever markets stand in rows."""
DEFAULT_KEYMAP: Mapping[str, str] = {
    # Letters that lead to panes and screens everywhere, also while the chart has the keys.
    "chart.log": "g",
    "chart.cross_left_10": "shift+left",
    "chart.cross_right_10": "shift+right",
}


def keymap(configured: Mapping[str, str]) -> dict[str, str]:
    """Every rebinding: ours, then the trader's.

    Raises:
        ConfigError: a key of panic or abort is given to something else; it would not reach it.
    """
    for emergency in (PANIC, ABORT):
        kept = configured.get(emergency.id or "", emergency.key).split(",")
        for name, keys in configured.items():
            for key in keys.split(","):
                if name != emergency.id and key.strip() in kept:
                    raise ConfigError(
                        f'[keys] "{name}" = "{keys}": {key.strip()} is the key of {emergency.id} everywhere;'
                        f' name another one, or give "{emergency.id}" a key of its own first'
                    )
    return {**DEFAULT_KEYMAP, **configured}


SHORT_WORDS: Mapping[str, str] = {
    "app.panic": "panic",
    "app.abort": "abort",
    "table.select": "show",
    "table.sort": "sort",
    "table.toggle": "pick",
    "table.pick_all": "pick all",
    "table.copy": "copy",
    "table.down": "down",
    "chart.zoom_in": "nearer",
    "chart.zoom_out": "wider",
    "chart.back": "back",
    "chart.cross_left": "cross-hair",
}
"""For the hint line, where the widgets' own words are too long."""
