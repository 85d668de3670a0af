"""The names of this desk that completion may offer; made by the console from what the engine told it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Vocabulary:
    """Names in the order they should be offered.

    Attributes:
        accounts, groups, tags, venues: for scopes; tags without #.
        symbols: as they would be typed, see `SymbolIndex.words`.
        aliases: names of aliases. alias_lines: name -> the line it stands for.
        sizes: the trader's own sizes, for a size that is not begun yet.
        settings: keys of `set`. drawings: names for line:. watchers: names of alarms and rules.
        runs: ids of recent runs. views: names of saved views.
        limits: names of the risk gate's caps.
    """

    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    drawings: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    alias_lines: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """Everything that may stand in a scope."""
        tags = (f"#{tag}" for tag in self.tags)
        return tuple(dict.fromkeys((*self.accounts, *self.groups, *tags, *self.venues, "all")))

    @cached_property
    def folded_symbols(self) -> tuple[tuple[str, str], ...]:
        """(lower case, as typed) for every symbol."""
        return tuple((symbol.casefold(), symbol) for symbol in self.symbols)

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Base assets of the short forms among the symbols."""
        return tuple(dict.fromkeys(s.partition(".")[0] for s in self.symbols if "." in s and ":" not in s))
