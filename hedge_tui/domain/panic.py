"""What the journal keeps of panic itself: that it works, and how it ended. One of the acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PanicMoved:
    """Panic was pressed, or asks for nothing more.

    Attributes:
        step: "pressed", "done" (proved on every account), "stopped" (by the trader) or "lost" (the engine
            ended before it was done).
        flat: positions are closed too. origin: who pressed it; "" otherwise.
    """

    kind: ClassVar[str] = "panic"
    at_ns: int
    step: str
    flat: bool = False
    origin: str = ""
