"""Limits of a setting, kept in its annotation so that schema and check are one thing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hedge_tui.config.place import Place, nearest


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a value read from the file must keep: `Annotated[int, Bounds(least=1)]`.

    Attributes:
        least, most: smallest and largest number allowed, both included; None for no limit.
        choices: the words allowed, in a list each of them; () for any.
    """

    least: int | Decimal | None = None
    most: int | Decimal | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any, place: Place) -> None:
        """Raise ConfigError at `place` when `value` is out of bounds."""
        if self.least is not None and value < self.least:
            raise place.error(f"{place.key} is {value}, below the least allowed, {self.least}")
        if self.most is not None and value > self.most:
            raise place.error(f"{place.key} is {value}, above the most allowed, {self.most}")
        if self.choices:
            for word in value if isinstance(value, tuple) else (value,):
                if word not in self.choices:
                    raise place.error(f'{place.key} has "{word}"; {nearest(word, self.choices)}')
