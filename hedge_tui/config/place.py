"""A spot in a configuration file, and the error that points at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hedge_tui.config.lines import Path as KeyPath
from hedge_tui.config.lines import line_of
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file something is being read.

    Attributes:
        file: as the trader named it.
        lines: from `key_lines`.
        path: keys down to this spot; () is the top of the file.
    """

    file: Path
    lines: dict[KeyPath, int]
    path: KeyPath = ()

    def at(self, *keys: str | int) -> Place:
        """The spot below this one."""
        return replace(self, path=self.path + keys)

    @property
    def title(self) -> str:
        """The table as it is written in the file, such as `[risk.accounts.desk-1]`."""
        if not self.path:
            return "the file"
        words = ".".join(str(key) for key in self.path if isinstance(key, str))
        return f"[[{words}]]" if isinstance(self.path[-1], int) else f"[{words}]"

    @property
    def key(self) -> str:
        """What stands here, for messages: a key, or "entry 2 of panes"."""
        match self.path:
            case (*_, str(name), int(index)):
                return f"entry {index + 1} of {name}"
            case (*_, name):
                return str(name)
        return "the file"

    def error(self, message: str) -> ConfigError:
        """An error that starts with file and line."""
        return ConfigError(f"{self.file}:{line_of(self.lines, self.path)}: {message}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A closing half sentence: the nearest known word, else all of them."""
    choices = sorted(known)
    if close := get_close_matches(word, choices, 1, 0.5):
        return f'did you mean "{close[0]}"?'
    return f"known: {', '.join(choices)}" if choices else "none is known here"
