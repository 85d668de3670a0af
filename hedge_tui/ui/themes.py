"""Colours of the console: one dark and one light palette, calm, with green and red kept for money.

Registered by the app; stylesheets use the names only. What a colour says, a word beside it says too.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="dark",
    dark=True,
    primary="#3d6fa8",
    secondary="#7a6fb0",
    accent="#5fb3c4",
    success="#3fae7c",
    warning="#d6a243",
    error="#e0616c",
    foreground="#d3dae3",
    background="#0c1015",
    surface="#11161d",
    panel="#1a212b",
    variables={
        "pane-title": "#1a212b",
        "pane-title-focus": "#2b4a70",
        "mode-armed": "#d0112b",
        "mode-live": "#8f2733",
        "mode-demo": "#7a5a16",
        "mode-paper": "#1f5f5a",
        "mode-sandbox": "#45408a",
        "mode-none": "#2a323d",
        "bid-bar": "#16352b",
        "ask-bar": "#3b1e25",
        "footer-background": "#1a212b",
        "scrollbar": "#2a3442",
        "scrollbar-background": "#11161d",
        "input-selection-background": "#3d6fa8 45%",
    },
)
LIGHT = Theme(
    name="light",
    dark=False,
    primary="#2a62a3",
    secondary="#6a5aa8",
    accent="#0b7285",
    success="#17794a",
    warning="#946200",
    error="#bf2f3c",
    foreground="#1d2630",
    background="#e3e7ec",
    surface="#fbfcfd",
    panel="#e9edf2",
    variables={
        "pane-title": "#dde3ea",
        "pane-title-focus": "#b5cdea",
        "mode-armed": "#d6001c",
        "mode-live": "#b3303d",
        "mode-demo": "#94700f",
        "mode-paper": "#1d746c",
        "mode-sandbox": "#5b54b0",
        "mode-none": "#6b7683",
        "bid-bar": "#cfeadc",
        "ask-bar": "#f6d5d8",
        "footer-background": "#dde3ea",
        "scrollbar": "#b4bec9",
        "scrollbar-background": "#eef1f4",
        "input-selection-background": "#2a62a3 30%",
    },
)
THEMES = (DARK, LIGHT)
