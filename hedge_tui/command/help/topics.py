"""Help for the parts that several commands share."""

from __future__ import annotations

from hedge_tui.command.help.text import Example, HelpText

TOPICS = (
    HelpText(
        "size",
        "how much: units, percentages, risk, targets, sharing",
        (
            "0.5btc | 500usd | 2k usd | $500 | 500usdt",
            "10%free | 10%eq | 50%pos | risk:50usd | =0.5btc",
            "SIZE/each | /each:sym | /each:acct",
            "SIZE/split | /split:acct | /split:sym | /split:eq | /split:weight",
        ),
        (
            "0.5btc is always base units, never contracts. 500usd is notional. k is thousand, mm is million.",
            "%free: of the free balance. %eq: of the equity, as notional. %pos: of the open position.",
            "risk:50usd is lost at the stop, so sl is needed. =0.5btc is the position wanted afterwards.",
            "/each: the full size on every account and symbol. /split: divided among all of them.",
            ":acct and :sym speak of accounts or symbols alone, and go together: /split:eq/each:sym.",
        ),
        (
            Example("buy 2k usd BTC.p", "two thousand dollars"),
            Example("buy risk:50usd BTC.p at 64000 sl 62000", "sized so that the stop costs 50 USD"),
            Example("sell =-0.5btc BTC.p", "end up 0.5 BTC short"),
            Example("@core buy 10kusd/split:eq BTC.p", "shared by the equity of the accounts"),
        ),
    ),
    HelpText(
        "price",
        "at which price: numbers, references, offsets, drawings",
        ("64000 | 64k", "bid|ask|mid|mark|last|entry [-2t|+5bp|-1%|-20]", "line:NAME [offset]"),
        (
            "t is ticks, bp basis points, nothing is units of the quote.",
            "References are resolved when the order is sent; too much drift since the preview asks again.",
        ),
        (
            Example("buy 500usd BTC.p at bid-2t", "two ticks under the bid"),
            Example("buy 500usd BTC.p at line:TL3", "on a drawing"),
        ),
    ),
    HelpText(
        "symbol",
        "which instrument",
        ("BTC | BTC.s | BTC.p | BTC.i | BTC/USDT | BTCUSDT | VENUE:BTC/USDT:USDT",),
        (
            ".s is spot, .p perpetual, .i inverse perpetual. The active venue completes the rest.",
            "A symbol that fits several kinds is refused with all of them.",
        ),
        (
            Example("buy 500usd BTC.s", "spot"),
            Example("buy 500usd binanceusdm:BTC/USDT:USDT", "in full"),
        ),
    ),
    HelpText(
        "scope",
        "which accounts",
        ("@ACCOUNT|GROUP|#TAG|VENUE|all[,...] COMMAND",),
        ("Holds for its own command only. Without it the active scope is used (see: help account).",),
        (
            Example("@desk-1,desk-2 buy 500usd/each BTC.p", "two accounts"),
            Example("@#scalp cancel all", "all accounts with a tag"),
        ),
    ),
    HelpText(
        "algo",
        "how an order is worked",
        (
            "scale N from PRICE to PRICE [linear|geo|skew X]",
            "twap N over TIME [jitter PERCENT] [chase]",
            "chase [to PRICE] | iceberg SHOW | swarm N",
        ),
        (
            "scale: a ladder; skew is the last quantity over the first.",
            "twap: slices over time; 'at' limits it.",
            "chase: keeps to the best price, never past 'to'.",
            "iceberg: shows a part. swarm: many small orders.",
        ),
        (
            Example("buy 1btc BTC.p scale 20 from mid-0.2% to mid-3% skew 3", "heavier at the far end"),
            Example("buy 1btc BTC.p at 65000 twap 12 over 1h chase", "never above 65000"),
            Example("buy 1btc BTC.p at 64000 iceberg 10%", "a tenth is seen"),
        ),
    ),
    HelpText(
        "attach",
        "what protects a filled order",
        ("tp PRICE[@last|@mark] | sl PRICE[@last|@mark] | trail DISTANCE | ts DISTANCE DISTANCE",),
        (
            "A plain 4% counts from the average fill, in the direction that makes sense for the side.",
            "ts 2% 0.5%: once 2 % in profit, follow at 0.5 %. One cancels the others.",
        ),
        (
            Example("buy 500usd BTC.p sl 4%@mark tp 6%", "stop by mark price, target by last"),
            Example("sell 500usd BTC.p ts 2% 0.5%", "trail once it is in profit"),
        ),
    ),
    HelpText(
        "flags",
        "conditions of an order",
        ("post | ioc | fok | gtd:WHEN | reduce | stop:PRICE | trig:PRICE | lev:N | iso | cross",),
        (
            "post never takes; ioc takes what is there; fok all or nothing; gtd:30m, gtd:17:30 expire.",
            "stop: waits until the market moves against it, trig: until it moves its way.",
            "lev, iso and cross change open positions too, and have a row of their own in the preview.",
        ),
        (
            Example("buy 500usd BTC.p at bid post gtd:17:30", "rests until half past five"),
            Example("sell 100%pos BTC.p stop:62000@mark reduce", "a stop on the whole position"),
        ),
    ),
    HelpText(
        "joiners",
        "several commands in one line",
        ("A ; B", "A & B", "A && B", "A then B"),
        (
            "; B waits for the acknowledgement of A. & both at once. && only if A was acknowledged.",
            "then: only when A is filled. ? at the end previews only, ! skips the confirmation when armed.",
        ),
        (
            Example("cancel BTC.p ; buy 500usd BTC.p at bid", "one after the other"),
            Example("buy 500usd BTC.p at bid then sell 500usd BTC.p at ask+1%", "sell once it is bought"),
        ),
    ),
)
