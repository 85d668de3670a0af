"""Questions to the person at the terminal; nobody is asked where there is none."""

from __future__ import annotations

import sys


def agrees(question: str, *, default: bool) -> bool:
    """Yes or no; an empty answer or the end of input means `default`."""
    answer = line(f"{question} {'[Y/n]' if default else '[y/N]'} ").lower()
    return default if not answer else answer in ("y", "yes")


def line(prompt: str, default: str = "") -> str:
    """One line, without blanks around it; `default` for an empty one."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip() or default
