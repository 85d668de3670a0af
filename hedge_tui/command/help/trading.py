"""Help for the verbs that trade."""

from __future__ import annotations

from hedge_tui.command.help.text import Example, HelpText

_ORDER_SYNTAX = "SIZE SYMBOL[,SYMBOL] [long|short] [at PRICE] [ALGO] [ATTACH ...] [FLAG ...] [?|!]"
_CLOSE_SYNTAX = "close SYMBOL[,SYMBOL] [long|short] [PERCENT] [ALGO]"

TRADING = (
    HelpText(
        "buy",
        "buy: market without a price, limit with 'at'",
        (f"buy {_ORDER_SYNTAX}", "b is short for buy"),
        (
            "The size comes first and always has a unit, then the symbol. Without 'at' it is a market order.",
            "Over several accounts or symbols the size must say how it is shared: /each or /split.",
            "picked stands for the rows picked with space on Markets or Orders; the preview names each.",
            "In hedge mode say long (buy opens a long) or short (buy closes a short).",
            "See also: help size, help price, help algo, help attach, help flags, help scope.",
        ),
        (
            Example("buy 500usd BTC.p", "market order, 500 USD of notional"),
            Example("buy 0.5btc BTC.p at bid-2t post", "limit two ticks under the bid, post-only"),
            Example("@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask", "the same on three accounts"),
            Example("@all buy 100usd/each picked", "in each picked market, on the accounts of its venue"),
            Example("buy 10%eq ETH.p at mid sl 4%@mark tp 6%", "10 % of equity, stop and target attached"),
            Example("buy 2k usd BTC.p scale 20 from mid-0.2% to mid-3% geo", "a ladder of twenty orders"),
        ),
    ),
    HelpText(
        "sell",
        "sell: market without a price, limit with 'at'",
        (f"sell {_ORDER_SYNTAX}", "s is short for sell"),
        (
            "As buy, the other way round. With 'reduce' it never opens a short.",
            "In hedge mode say long (sell closes a long) or short (sell opens a short).",
        ),
        (
            Example("sell 50%pos BTC.p reduce", "half of the position, at the market"),
            Example("sell 0.2btc BTC.p at ask+5bp gtd:30m", "limit above the ask, expires in half an hour"),
            Example("sell 50%pos BTC.p stop:62000@mark reduce", "a stop on half of the position"),
            Example("sell 1k usd ETH.p twap 12 over 1h jitter 20%", "twelve slices over an hour"),
        ),
    ),
    HelpText(
        "cancel",
        "cancel live orders",
        ("cancel SYMBOL[,SYMBOL] [buys|sells]", "cancel buys|sells|all", "cancel #ROW[,#ROW]|id:ID|run:ID"),
        (
            "Works on the accounts in scope. Bare cancel is refused: it would not say what.",
            "Rows are those of the table on screen; they do not move while the line is open.",
        ),
        (
            Example("cancel BTC.p", "every order in BTC.p"),
            Example("cancel buys", "every buy order"),
            Example("cancel #3-7,#9", "six rows of the table"),
            Example("@core cancel all", "every order of the group core"),
        ),
    ),
    HelpText(
        "amend",
        "change the price or the quantity of live orders",
        ("amend #ROW|id:ID [to SIZE] [at PRICE]",),
        (
            "SIZE is the new quantity of the whole order, what is filled included.",
            "At a venue that cannot amend, the order is cancelled and placed again, and the preview says so.",
        ),
        (
            Example("amend #3 at bid", "move the order in row 3 to the bid"),
            Example("amend id:4f2a to 0.5btc at 64000", "new quantity and new price"),
        ),
    ),
    HelpText(
        "close",
        "close positions with reduce-only orders",
        (_CLOSE_SYNTAX, "close longs|shorts|all [PERCENT] [ALGO]"),
        (
            "Takes the market unless an algo works it. Live orders stay: flatten cancels them too.",
            "stop:, trig: and trail leave an order at the venue that waits: stop: against the position,",
            "trig: with it, trail behind the best price (from trig:PRICE on, where that is written).",
            "Bare close is refused: it would not say what.",
        ),
        (
            Example("close BTC.p", "the whole position"),
            Example("close BTC.p 50% chase", "half of it, chased at the best price"),
            Example("@all close longs", "every long of every account"),
            Example("close BTC.p stop:60000@mark", "all of it, once the mark falls to 60,000"),
            Example("close BTC.p long trail 1%", "the long, once the price has turned by 1 %"),
        ),
    ),
    HelpText(
        "flatten",
        "cancel orders and close positions",
        ("flatten SYMBOL[,SYMBOL]|all",),
        ("First cancels every order, then closes every position, in the accounts in scope.",),
        (
            Example("flatten BTC.p", "no orders and no position in BTC.p"),
            Example("@desk-3 flatten all", "nothing left on desk-3"),
        ),
    ),
    HelpText(
        "hedge",
        "bring the net delta of an asset to zero",
        ("hedge ASSET",),
        (
            "Adds up spot, perpetuals and collateral of the accounts in scope, and trades the cheapest legs.",
            "Long and short legs, accounts and fees are in the preview.",
        ),
        (
            Example("hedge BTC", "BTC delta to zero on the active accounts"),
            Example("@all hedge ETH ?", "only show what it would take"),
        ),
    ),
    HelpText(
        "equalise",
        "bring unevenly filled legs of a run to the same fraction",
        ("equalise run:ID",),
        ("Completes the legs that lag behind the best filled one of the run.",),
        (
            Example("equalise run:4f2a", "complete the lagging legs"),
            Example("equalise run:4f2a ?", "only show them"),
        ),
    ),
    HelpText(
        "panic",
        "cancel every entry on every account at once",
        ("panic [flat|stop]",),
        (
            "All accounts, whatever the scope; orders of other programs too. It goes ahead of every other",
            "request, and nothing that waited to be sent leaves any more. Protective stops stay, and so do",
            "take-profits that wait for a trigger; reduce-only limit orders are cancelled.",
            "With flat positions are closed too, and each stop is dropped once the venue shows its position",
            "flat; spot holdings are no positions and stay.",
            "It goes on until everything is proved, account by account, and says whom it could not reach;",
            "to press it again only hastens it. panic stop ends the trying.",
            "Without an engine: hedge panic, in a shell.",
        ),
        (
            Example("panic", "cancel entries, keep stops"),
            Example("panic flat", "and close every position"),
            Example("panic stop", "ask for nothing more"),
        ),
    ),
    HelpText(
        "abort",
        "let no order leave any more of what is being sent",
        ("abort",),
        (
            "Orders that wait to be sent never are: ctrl+x does it from everywhere. What has left stays as",
            "it is and is shown; cancel all takes it off.",
        ),
        (
            Example("abort", "stop the bulk that is going out"),
            Example("abort ; cancel all", "and take off what had left"),
        ),
    ),
    HelpText(
        "arm",
        "one-key orders without the confirm dialog, for a time and up to a cap",
        ("arm DURATION cap MONEY [on SYMBOL[,SYMBOL]|all]",),
        (
            "The frame turns red and counts down. Risk limits hold all the same. A line ending in ! and",
            "the ladder's keys then send at once: limit and market orders of the accounts in scope, in the",
            "market on screen unless `on` names others. Whatever breaks a bound is previewed as always.",
            "All that is meant to be sent counts against the cap, filled or not. It ends by time, by cap, by",
            "disarm, esc esc, panic, and when this console leaves or loses the trading lock.",
        ),
        (
            Example("arm 5m cap 5kusd", "five minutes, five thousand dollars in all"),
            Example("arm 90s cap 500usd on BTC.p,ETH.p", "a short burst in two markets"),
        ),
    ),
    HelpText(
        "disarm",
        "leave armed mode",
        ("disarm",),
        ("Orders that were sent stay.",),
        (
            Example("disarm", "ask before every order again"),
            Example("disarm ; cancel all", "and take the orders off"),
        ),
    ),
    HelpText(
        "lev",
        "set leverage",
        ("lev SYMBOL[,SYMBOL] [LEVERAGE [iso|cross]]", "lev LEVERAGE SYMBOL[,SYMBOL] [iso|cross]"),
        (
            "Changes open positions too: the preview shows margin and liquidation after it.",
            "Without a number it asks.",
        ),
        (
            Example("lev BTC.p 5", "five times"),
            Example("@core lev BTC.p,ETH.p 3 iso", "three times, isolated, on a group"),
            Example("lev BTC.p", "show it"),
        ),
    ),
    HelpText(
        "mode",
        "hold long and short of one instrument apart, or net them",
        ("mode hedge|one-way",),
        (
            "A setting of the whole account at its venue, refused while orders or positions are open.",
            "In hedge mode buy and sell need long or short after the symbol.",
        ),
        (
            Example("@desk-1 mode hedge", "long and short apart"),
            Example("@desk-1 mode one-way", "back to one position per instrument"),
        ),
    ),
    HelpText(
        "margin",
        "set the margin mode, or move isolated margin",
        (
            "margin SYMBOL[,SYMBOL] [long|short] iso|cross",
            "margin SYMBOL [long|short] add|remove SIZE",
            "margin SYMBOL +SIZE|-SIZE",
        ),
        ("iso or cross switches the mode. add and remove move money in and out of an isolated position.",),
        (
            Example("margin BTC.p iso", "isolated from now on"),
            Example("margin BTC.p add 100usdt", "push the liquidation price away"),
        ),
    ),
)
