"""Default stylesheet of `CandleChart`: theme variables only, dark, light and ANSI."""

from __future__ import annotations

CHART_CSS = """
CandleChart {
    height: 1fr;
    width: 1fr;
    background: $surface;
    color: $foreground;

    & > .candle-chart--title { text-style: bold; }
    & > .candle-chart--muted { color: $foreground 60%; }
    & > .candle-chart--up { color: $success; }
    & > .candle-chart--down { color: $error; }
    & > .candle-chart--volume-up { color: $success 45%; }
    & > .candle-chart--volume-down { color: $error 50%; }
    & > .candle-chart--axis { color: $foreground 60%; }
    & > .candle-chart--grid { color: $foreground 22%; }
    & > .candle-chart--guide { color: $foreground 35%; }
    & > .candle-chart--cross { color: $foreground 45%; }
    & > .candle-chart--tag { background: $foreground; color: $background; text-style: bold; }
    & > .candle-chart--last-up { background: $success; color: $background; text-style: bold; }
    & > .candle-chart--last-down { background: $error; color: $foreground; text-style: bold; }
    & > .candle-chart--buy { color: $text-success; text-style: bold; }
    & > .candle-chart--sell { color: $text-error; text-style: bold; }
    & > .candle-chart--line-1 { color: $text-warning; }
    & > .candle-chart--line-2 { color: $text-primary; }
    & > .candle-chart--line-3 { color: $secondary; }
    & > .candle-chart--line-4 { color: $accent; }
    & > .candle-chart--line-5 { color: $text-secondary; }
    & > .candle-chart--line-6 { color: $foreground 75%; }

    &:dark > .candle-chart--line-3 { color: $secondary-lighten-3; }
    &:light > .candle-chart--last-down { color: $background; }
    &:ansi {
        & > .candle-chart--up { color: ansi_green; }
        & > .candle-chart--down { color: ansi_red; }
        & > .candle-chart--tag { text-style: reverse; }
        & > .candle-chart--last-up { text-style: bold reverse; color: ansi_green; background: ansi_default; }
        & > .candle-chart--last-down { text-style: bold reverse; color: ansi_red; background: ansi_default; }
        & > .candle-chart--line-3 { color: ansi_magenta; }
    }
}
"""
