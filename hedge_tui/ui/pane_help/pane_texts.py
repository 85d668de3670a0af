"""What each pane is for, in a sentence or two; keys and columns are added from what is bound and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.ui.columns.spec import TableSpec

ABOUT = {
    "watchlist": "Markets, most traded first; `watch BTC.p` makes a list of your own, `watch off BTC.p` "
    "shortens it. Enter shows a market in chart, book and trades.",
    "markets": "Every instrument of every venue that is followed. s sorts by the column under the cursor, / "
    "filters, g puts spot and derivatives of an asset under one header, enter opens a market on Trade. "
    "Pick rows with space, then `buy 100usd/each picked` orders in all of them; the preview names each. "
    "x cancels the orders in them, c closes what is held. Volumes and open interest are asked of the "
    "venues in turn, the most traded first; a dash is not known.",
    "chart": "Candles with volume, averages and panes. Triangles are your fills, dotted lines your orders. "
    "Scrolling back loads older candles. "
    "`ind ema(100)` adds a line, `chart ETH.p 1h` shows another market.",
    "book": "Resting orders of everybody: asks above, bids below, bars show how much lies up to a level. "
    "Levels with orders of yours are marked. While it is the active pane it is a ladder: a row is a price, "
    "the cursor stays on its price whatever the market does, b and s place the chosen size there. They ask "
    "first, unless armed: `arm 5m cap 5kusd`. A mark behind your quantity: on its way or unknown; L or S "
    "beside a price: your average entry. `set preset 1 500usd` changes a size.",
    "trades": "What others traded, newest on top; buy or sell is the side that took.",
    "positions": "Open derivative positions of all accounts at live marks.",
    "orders": "Orders at work. The number in the first column is what a line calls them: `cancel #3`.",
    "finished": "Orders that are over, with the reason in the venue's words.",
    "fills": "Your executions, newest on top.",
    "runs": "Lines that were confirmed, and how far their orders have come.",
    "accounts": "Every account with its money in the reporting currency; e makes one the active account.",
    "portfolio": "The desk's money by account; v goes on to venue, group, tag and asset. Enter draws the "
    "equity of the row under the cursor. An account of two groups counts in both.",
    "equity": "Equity over time without deposits, withdrawals and transfers: money moved is no gain and no "
    "loss. Below it the drawdown. [ and ] choose 1d, 1w, 1m or all.",
    "pnl": "What each trading day earned, in the reporting currency at live prices; money moved in or out is "
    "beside it and no profit. `hedge pnl --by account` tells it otherwise.",
    "exposure": "How much of each asset you are long or short over coins and derivatives.",
    "balances": "Assets held in each account.",
    "risk": "How near each account is to trouble, the tightest first. `stress BTC -15% ETH -20%` asks what "
    "a move would do; m begins such a line.",
    "deltas": "Net delta by account and asset in the reporting currency: what is gained if an asset doubles. "
    "The largest assets have a column, the rest is under other.",
    "stress": "The desk after moves of all assets together: liquidated accounts count as lost. "
    "`stress -12%` asks for another move, `@core stress -10%` for some accounts.",
    "filled": "The worst that working orders can do: all buys fill, or all sells. Orders in doubt count as "
    "filled, ways out of a position do not.",
    "limits": "Every cap of the risk gate: of the desk, then of groups and accounts that have their own. The "
    "bar shows what is used up, of a day or of what would be open if the worst orders filled, those in doubt "
    "with them. t begins a line: `limit max_order_notional 500 @desk-1` tightens at once, a higher value is "
    "asked for again, `limit NAME default` goes back to the config; none goes beyond its hard cap. What only "
    "reduces a position passes them all but the price collar.",
    "holds": "What is not ACTIVE. `halt` lets only cancels and panic through, `reducing` also what reduces; "
    "`resume` lifts it and asks for the word again. A source with five identical rejects in a minute is "
    "halted by itself.",
    "feeds": "Every stream that the engine listens to, and how old its last message is.",
    "budgets": "What each venue allows an address and an account, and how much of it is used. A bar shows "
    "what this desk spent, what the venue counted beyond that, and the mark up to which it plans: at most"
    " 80 %, a part of it kept for cancels. Full: requests wait for their turn, cancels first. "
    "`rate_share` in [venues] and `share` in [[egress]] plan with less. `hedge traffic` prints the same.",
    "routes": "By which ways requests leave: each address has budgets of its own, so that public data comes"
    " in faster over more of them. A route that gives no connection is left at once and tried again by "
    "itself. API keys take the route of their account alone, and only one that is trusted; `hedge traffic"
    " test` checks all.",
    "lanes": "Who goes first when a budget is short: cancels and panic, orders, reconciling, account "
    "state, market data, history. Nothing of a later lane takes what an earlier one waits for.",
    "bans": "Venues that told this desk to stop, and until when. Nothing is sent there before that, by no"
    " account of that address; orders are refused with the time instead of being kept.",
    "log": "What the engine noted, newest on top.",
    "journal": "Everything the desk did, newest on top, as it is written down: lines and what the gate made "
    "of them, orders, answers, fills, settings. / filters (#12, desk-1, denied). Enter explains the order or "
    "line of an act: the figures it was decided on, what left when, every answer. What is bookkeeping (the "
    "past read, terms of instruments) is left out; `hedge journal show` has it all, and older acts.",
    "status": "The engine's own figures.",
}


TABLES = (
    "/ filters: words that must be there, -word for none of it, and comparisons in the unit shown,",
    "such as  btc -usdc spread<2 volume>10M funding>0.01  by label, key or the beginning of one.",
    "ctrl+g groups by the column of words under the cursor; f folds a group, ctrl+o all of them.",
    "space and shift+down pick; y copies and E exports what is picked, or else the row or all rows.",
    "C chooses columns. Every table stays as you leave it; view save NAME keeps more than one way.",
)


def pane_help(
    topic: str, keys: Sequence[tuple[str, str, str]], spec: TableSpec | None, chosen: str
) -> Content:
    """About, keys (key, words, id), columns.

    Args:
        topic: of ABOUT.
        keys: what is bound.
        spec: of the pane's table, None without one.
        chosen: extra line, or "".
    """
    parts: list[Content] = [Content(ABOUT.get(topic, "")), Content("")]
    if chosen:
        parts += [Content(inert(chosen)), Content("")]
    if keys:
        parts.append(Content.styled("Keys", "bold $text-accent"))
        width = max(len(key) for key, _, _ in keys)
        parts += [
            Content.assemble(
                ("  " + key.ljust(width), "bold"), f"  {words}", (f"   {name}", "$foreground 40%")
            )
            for key, words, name in keys
        ]
        parts += [
            Content(""),
            Content.styled("A key is rebound in the configuration by the word on its right.", "dim"),
        ]
    if spec is not None:
        parts += [Content(""), Content.styled("Tables", "bold $text-accent")]
        parts += [Content(f"  {line}") for line in TABLES]
    if spec is not None and spec.meanings:
        labels = {column.key: column.label for column in spec.columns}
        parts += [Content(""), Content.styled("Columns", "bold $text-accent")]
        parts += [
            Content.assemble(("  " + labels.get(key, key.replace("_", " ")), "bold"), f"  {meaning}")
            for key, meaning in spec.meanings.items()
        ]
    return Content("\n").join(parts)
