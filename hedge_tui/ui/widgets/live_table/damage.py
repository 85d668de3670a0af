"""What of a table is not up to date on screen: handed from the comparison to the painter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TableDamage:
    """What has to be painted.

    Attributes:
        lines: content lines touched.
        cells: pieces of body lines, shape (pieces, lines); None means everything.
        header, totals: whether that line is to be painted.
    """

    lines: tuple[int, ...]
    cells: NDArray[np.bool_] | None
    header: bool = False
    totals: bool = False

    @property
    def whole(self) -> bool:
        """True if everything is to be painted."""
        return self.cells is None
