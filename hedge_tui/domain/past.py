"""What a venue still knows of an account's past, read page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.fill import Fill


@dataclass(frozen=True, slots=True)
class PastPage:
    """One stretch of one source, oldest first; rows may repeat those of another page or of the stream.

    Attributes:
        mark: where the next page begins; opaque, kept by whoever asks. until_ns: everything of this source
            before is read. done: nothing newer was there.
        settles: every movement of money before `until_ns` is in this source, so that what a stream told
            and this source does not have did not happen in that form.
        oldest_ns: where this source begins, for showing progress; 0 when not known.
    """

    fills: tuple[Fill, ...]
    flows: tuple[CashFlow, ...]
    mark: str
    until_ns: int
    done: bool
    settles: bool = False
    oldest_ns: int = 0
