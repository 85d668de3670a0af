"""Help for the verbs that watch markets and arrange the desk."""

from __future__ import annotations

from hedge_tui.command.help.text import Example, HelpText

DESK = (
    HelpText(
        "alarm",
        "tell, or act, when a condition holds",
        (
            "alarm EXPRESSION [on SYMBOLS] [once|repeat] [every TIME] [for TIME] [until WHEN] [do { LINE }]",
            "alarm list | alarm pause|resume|remove NAME|all",
        ),
        (
            "The expression looks at closed candles unless it asks for forming ones.",
            "every: no sooner again than this; for: it must have held this long; until: then it is over.",
            "The line in do { } runs with the risk limits of the keyboard; name its accounts in it.",
        ),
        (
            Example("alarm close > 65000 on BTC.p once", "tell once"),
            Example("alarm funding_apr > 30 on BTC.p,ETH.p repeat every 1h", "tell at most once an hour"),
            Example('alarm close < line("TL3") do { @desk-1 close BTC.p 50% }', "act on a drawing"),
        ),
    ),
    HelpText(
        "rule",
        "trade by itself when a condition holds",
        (
            "rule NAME when EXPRESSION [on SYMBOLS] [TRIGGER WORDS] do { LINE }",
            "rule list | rule pause|resume|remove NAME|all",
        ),
        ("A named alarm with an action. The trigger words are those of alarm.",),
        (
            Example(
                "rule dip when rsi(close, 14) < 25 on BTC.p do { @desk-1 buy 500usd BTC.p sl 2% }",
                "buy a dip",
            ),
            Example("rule pause dip", "stop it for now"),
        ),
    ),
    HelpText(
        "note",
        "write a note on a candle, an order, a run or an instrument",
        ("note [on #ROW|id:ID|run:ID|SYMBOL] TEXT",),
        ("Words starting with # are its tags. Quote the text when it contains a semicolon.",),
        (
            Example("note chased it, should have waited #discipline", "on what is on screen"),
            Example('note on run:4f2a "filled late; spread was wide"', "on a run"),
        ),
    ),
    HelpText(
        "tag",
        "tag orders, runs or instruments",
        ("tag #ROW|id:ID|run:ID|SYMBOL #TAG [#TAG ...] [off]",),
        ("Tags group PnL and can be a scope: @#breakout cancel all. 'off' takes a tag away.",),
        (
            Example("tag run:4f2a #breakout", "tag a run"),
            Example("tag #3 #breakout off", "take the tag off the order in row 3"),
        ),
    ),
    HelpText(
        "draw",
        "put a drawing on the chart",
        ("draw TOOL ANCHORS [as NAME]", "draw list | draw remove NAME | draw clear"),
        (
            "Tools: trend ray hline vline channel rect fib fibext text arrow range long short vwap",
            "regression.",
            "A drawing's price can be used in orders and alarms: line:TL3.",
        ),
        (
            Example("draw hline 64000 as TL3", "a horizontal line"),
            Example("draw remove TL3", "take it away"),
        ),
    ),
    HelpText(
        "ind",
        "add an indicator to the chart",
        ("ind EXPRESSION [pane] [as NAME]", "ind list | ind remove NAME | ind clear"),
        ("Any expression is an indicator. 'pane' draws it below the candles.",),
        (
            Example("ind ema(close, 20) as fast", "on the candles"),
            Example("ind ema(close,12)-ema(close,26) pane", "in a pane of its own"),
        ),
    ),
    HelpText(
        "chart",
        "show a chart",
        ("chart [SYMBOL] [TIMEFRAME]",),
        ("Either alone keeps the other. Timeframes: 1m 5m 15m 1h 4h 1d 1w 1mo.",),
        (
            Example("chart BTC.p 5m", "five-minute candles of BTC.p"),
            Example("chart 1h", "the same instrument by the hour"),
        ),
    ),
    HelpText(
        "watch",
        "add instruments to the watchlist",
        ("watch SYMBOL[,SYMBOL]", "watch off SYMBOL[,SYMBOL]", "watch"),
        ("Their candles are recorded while they are watched. Alone it shows the list.",),
        (
            Example("watch BTC.p,ETH.p", "add two"),
            Example("watch off ETH.p", "take one off"),
        ),
    ),
    HelpText(
        "account",
        "choose the accounts that lines without @ work on",
        ("account [NAME[,NAME]|GROUP|#TAG|VENUE|all]",),
        ("The active scope is always on screen. One account until it is widened here.",),
        (
            Example("account desk-1", "one account"),
            Example("account core,desk-9", "a group and an account"),
        ),
    ),
    HelpText(
        "session",
        "start a trading session",
        ("session start [NAME]",),
        (
            "PnL of the session counts from here, until the next one: hedge pnl --by session.",
            "A name may be given again; the sessions are then told apart by their dates.",
        ),
        (
            Example("session start", "from now"),
            Example("session start asia", "with a name"),
        ),
    ),
    HelpText(
        "set",
        "show or change a setting",
        ("set [KEY [VALUE]]",),
        ("Caps of the risk gate are changed by limit.",),
        (
            Example("set theme dark", "change one"),
            Example("set theme", "show one"),
        ),
    ),
    HelpText(
        "alias",
        "give a line a name",
        ("alias NAME { LINE }", "alias [NAME]", "alias remove NAME"),
        (
            "$1 to $9 in the line are the words typed after the name, $* all of them.",
            "A scope, ? or ! typed with the alias holds for each of its commands.",
        ),
        (
            Example("alias dip { buy $1 BTC.p at bid-1% post }", "then: dip 500usd"),
            Example("alias out { cancel BTC.p ; close BTC.p }", "two commands under one name"),
            Example("alias remove dip", "forget it"),
        ),
    ),
    HelpText(
        "stress",
        "show what a move of the market would do",
        ("stress MOVE% [ASSET MOVE% ...]", "stress ASSET MOVE% [ASSET MOVE% ...]"),
        (
            "Equity, margin ratio and liquidations of every account if prices moved so, at once.",
            "The first form moves every asset that is no cash and is not named; the second only those named.",
            "A scope narrows it to some accounts. Nothing is sent.",
        ),
        (
            Example("stress -10%", "everything falls by a tenth"),
            Example("stress BTC -15% ETH -20%", "two assets, the rest stands still"),
            Example("@core stress -5% SOL -30%", "accounts of a group; SOL falls further than the rest"),
        ),
    ),
    HelpText(
        "view",
        "arrangements of a table under a name",
        ("view NAME", "view save NAME", "view list", "view remove NAME"),
        (
            "A view holds columns, their order and widths, sort, groups and the filter of one table.",
            "They are kept by this console's data directory; every table also keeps how you left it.",
        ),
        (
            Example("view save carry", "save the table of the active pane"),
            Example("view carry", "go to that table, arranged and filtered as saved"),
            Example("view remove carry", "forget it"),
        ),
    ),
    HelpText(
        "layout",
        "how the screens are cut up, under a name",
        ("layout NAME", "layout save NAME", "layout list", "layout reset", "layout remove NAME"),
        (
            "ctrl+w cuts the screen up by keys: move, split, join and resize panes. What is changed belongs",
            "to the layout of this console and is kept. reset makes this screen as delivered. For another",
            "monitor: hedge console --layout NAME --screen markets opens a console with a layout of its own.",
        ),
        (
            Example("layout save scalp", "this console's layout is called scalp from now on"),
            Example("layout scalp", "show it"),
            Example("layout reset", "this screen as delivered"),
        ),
    ),
    HelpText(
        "away",
        "tell what happened while you were away",
        ("away [DURATION]",),
        (
            "Fills, refused and unknown orders, alarms, lost streams, restarts, money moved, PnL.",
            "Alone: since the last console was closed. One opened after 15 minutes says it by itself.",
        ),
        (
            Example("away", "since nobody looked"),
            Example("away 8h", "in the last eight hours"),
        ),
    ),
    HelpText(
        "tour",
        "ten short steps through the console",
        ("tour [off]",),
        ("A strip under the status lines says what to do and sees when it is done; the keys stay yours.",),
        (
            Example("tour", "begin it (again)"),
            Example("tour off", "end it"),
        ),
    ),
    HelpText(
        "journal",
        "how the journal is; write it again after its disk had failed",
        ("journal [reopen]",),
        (
            "While it cannot be written, orders are refused; cancels and panic go through. Free space or",
            "mend the disk, then reopen: it is verified, and what waits is written. See also hedge journal.",
        ),
        (
            Example("journal", "whether it is written, and how far"),
            Example("journal reopen", "go on after the disk was full"),
        ),
    ),
    HelpText(
        "lock",
        "hide the screen until the vault's passphrase is typed",
        ("lock",),
        ("Orders, alarms and the engine go on; panic works. [console] autolock_min locks by itself.",),
        (
            Example("lock", "at once, as the key L does"),
            Example("lock ; note lunch", "with a note of when"),
        ),
    ),
    HelpText(
        "help",
        "explain a command",
        ("help [COMMAND|TOPIC]",),
        ("Topics: size price symbol scope algo attach flags joiners.",),
        (
            Example("help buy", "how orders are written"),
            Example("help size", "how much: all units"),
        ),
    ),
)
