"""Default stylesheet of `LiveTable`: theme variables only, dark, light and ANSI."""

from __future__ import annotations

TABLE_CSS = """
LiveTable {
    height: 1fr;
    width: 1fr;
    background: $surface;
    color: $foreground;

    & > .live-table--header { background: $panel; color: $foreground 70%; text-style: bold; }
    & > .live-table--header-cursor { background: $panel; color: $text-accent; text-style: bold; }
    & > .live-table--cursor { background: $primary 25%; }
    &:focus > .live-table--cursor { background: $primary 55%; }
    & > .live-table--picked { background: $accent 22%; }
    & > .live-table--group { background: $panel 60%; color: $text-accent; text-style: bold; }
    & > .live-table--total { background: $panel; text-style: bold; }
    & > .live-table--message { color: $foreground 55%; }
    & > .live-table--bar { color: $foreground 35%; }
    & > .live-table--up { color: $text-success; }
    & > .live-table--down { color: $text-error; }
    & > .live-table--muted { color: $foreground 55%; }
    & > .live-table--accent { color: $text-accent; }
    & > .live-table--warning { color: $text-warning; }
    & > .live-table--rose { background: $success 40%; }
    & > .live-table--fell { background: $error 50%; }
    & > .live-table--changed { background: $secondary 60%; }

    &:ansi {
        & > .live-table--header { text-style: bold underline; }
        & > .live-table--header-cursor { text-style: bold reverse; }
        & > .live-table--cursor { text-style: underline; }
        & > .live-table--picked { text-style: bold; }
        & > .live-table--group { text-style: bold underline; }
        & > .live-table--rose { background: ansi_green; color: ansi_black; }
        & > .live-table--fell { background: ansi_red; color: ansi_white; }
        & > .live-table--changed { background: ansi_blue; color: ansi_white; }
    }
    &:ansi:focus > .live-table--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: none;
    }
}
"""
