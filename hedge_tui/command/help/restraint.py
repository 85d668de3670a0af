"""Help for the verbs that restrain trading."""

from __future__ import annotations

from hedge_tui.command.help.text import Example, HelpText

RESTRAINT = (
    HelpText(
        "halt",
        "let only cancels through",
        ("halt [ACCOUNT|GROUP|#TAG|VENUE|source:ORIGIN[,...]] [because TEXT]",),
        (
            "Alone: the whole desk. New orders, amendments and leverage are refused; what is confirmed and",
            "has not left stays here. Cancels and panic go through, resting orders rest on. It acts at once,",
            "holds for every console, outlives a restart and ends with resume. Five identical rejects within",
            "a minute halt their source (keyboard, cli, a rule) by themselves.",
        ),
        (
            Example("halt", "the whole desk, now"),
            Example("halt desk-1 because fills look wrong", "one account, with the reason"),
            Example("halt source:cli", "what scripts send"),
        ),
    ),
    HelpText(
        "reducing",
        "let only through what reduces positions",
        ("reducing [ACCOUNT|GROUP|#TAG|VENUE|source:ORIGIN[,...]] [because TEXT]",),
        (
            "Reduce-only orders, close, stops, sales of coins for cash, lower leverage, added margin and",
            "amendments that make an order smaller. Of desk, group and account the worst state holds.",
        ),
        (
            Example("reducing", "the whole desk"),
            Example("reducing core because funding", "the accounts of a group"),
        ),
    ),
    HelpText(
        "resume",
        "let orders through again",
        ("resume [ACCOUNT|GROUP|#TAG|VENUE|all|source:ORIGIN[,...]]",),
        (
            "Ends halt and reducing of what is named, alone of the desk; all: of everything. It loosens, so",
            "it asks for the word to be typed again. Accounts and groups held by themselves stay held.",
        ),
        (
            Example("resume", "the desk"),
            Example("resume source:keyboard", "after five identical rejects"),
        ),
    ),
    HelpText(
        "limit",
        "show or change the caps of the risk gate",
        ("limit [NAME [ASSET] [VALUE|default]] [@ACCOUNT|@GROUP[,...]]",),
        (
            "Alone: every cap with its value, where it comes from, and what of it is used up. A lower value",
            "holds at once, for plans that are previewed already too; a higher one asks to be typed again.",
            "default takes a cap back to the config. No typed value passes the config's own one, or that of",
            "[risk.hard] where it is written there. 0 lets nothing through. What only reduces a position is",
            "stopped by no cap but the collar.",
        ),
        (
            Example("limit", "all of them"),
            Example("limit max_order_notional 500 @desk-1", "one account, from now on"),
            Example("limit max_order_quantity BTC 0.5", "base units of an asset"),
            Example("limit deny DOGE/*,SHIB/*", "instruments that may not be traded"),
            Example("limit max_order_notional default @desk-1", "as configured"),
        ),
    ),
)
