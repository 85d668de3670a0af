"""What a command that restrains trading would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.acts import Act


@dataclass(frozen=True, slots=True)
class RestraintChange:
    """Not made yet.

    Attributes:
        acts: to be journalled. words: what is said then.
        loosens: at least one of them lets more through than now, so that it must be typed again.
    """

    acts: tuple[Act, ...]
    words: str
    loosens: bool
