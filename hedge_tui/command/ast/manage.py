"""Bodies of the commands that work on orders and positions that exist already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Span, Symbol

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.amount import Size
    from hedge_tui.command.ast.moment import Duration
    from hedge_tui.command.ast.order import Algo, MarginMode, Trail
    from hedge_tui.command.ast.price import Price, Trigger
    from hedge_tui.command.ast.target import OrderTarget, RowTarget
    from hedge_tui.domain.order import PositionSide


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel live orders."""

    kind: ClassVar[str] = "cancel"
    target: OrderTarget
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Amend:
    """Change live orders; None keeps a value, never both None.

    Attributes:
        size: the new quantity of the whole order, filled part included; an AMOUNT without a spread.
    """

    kind: ClassVar[str] = "amend"
    target: RowTarget
    size: Size | None = None
    price: Price | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Close:
    """Close positions with reduce-only orders.

    Attributes:
        symbols: empty for every instrument (`longs`, `shorts`, `all`).
        position: LONG or SHORT to close only that side; None for both.
        fraction: percent of each position, above 0 to 100; None for all of it.
        stop, trig: wait for this price before closing, against or with the position; at most one.
        trail: wait until the price has turned by this much; with `trig`, from that price on.
    """

    kind: ClassVar[str] = "close"
    symbols: tuple[Symbol, ...] = ()
    position: PositionSide | None = None
    fraction: Decimal | None = None
    algo: Algo | None = None
    stop: Trigger | None = None
    trig: Trigger | None = None
    trail: Trail | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Flatten:
    """Cancel every order and close every position; `symbols` empty for all instruments."""

    kind: ClassVar[str] = "flatten"
    symbols: tuple[Symbol, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class HedgeAsset:
    """Bring the net delta of `asset` (upper case) to zero."""

    kind: ClassVar[str] = "hedge"
    asset: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Equalise:
    """Bring the legs of a run that filled unevenly to the same fraction."""

    kind: ClassVar[str] = "equalise"
    run: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Panic:
    """Cancel entries on every account, keep stops; with `flat` close positions too.

    Attributes:
        stop: end a panic that still tries; never together with `flat`.
    """

    kind: ClassVar[str] = "panic"
    flat: bool = False
    stop: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Abort:
    """Let no order leave any more of what is being sent; what has left stays."""

    kind: ClassVar[str] = "abort"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """Armed mode for `over`, up to `cap` (an AMOUNT of money) of notional in all.

    Attributes:
        symbols: instruments it holds for; empty with `everywhere` False means the one in focus.
        everywhere: every instrument, written `on all`.
    """

    kind: ClassVar[str] = "arm"
    over: Duration
    cap: Size
    symbols: tuple[Symbol, ...] = ()
    everywhere: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Disarm:
    """Leave armed mode."""

    kind: ClassVar[str] = "disarm"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lev:
    """Set the leverage, and the margin mode when written.

    Attributes:
        leverage: None asks what it is (then margin_mode is None too).
    """

    kind: ClassVar[str] = "lev"
    symbols: tuple[Symbol, ...]
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Margin:
    """Set the margin mode, or move money into or out of isolated margin: exactly one of the two.

    Attributes:
        change: an AMOUNT of an asset.
        adding: True puts `change` in, False takes it out; None with margin_mode.
        position: LONG or SHORT in hedge mode.
    """

    kind: ClassVar[str] = "margin"
    symbols: tuple[Symbol, ...]
    margin_mode: MarginMode | None = None
    change: Size | None = None
    adding: bool | None = None
    position: PositionSide | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PositionMode:
    """Hold long and short apart (`hedge`), or net them."""

    kind: ClassVar[str] = "position_mode"
    hedge: bool
    span: Span = field(default=NOWHERE, compare=False)


ManageBody = (
    Cancel
    | Amend
    | Close
    | Flatten
    | HedgeAsset
    | Equalise
    | Panic
    | Abort
    | Arm
    | Disarm
    | Lev
    | Margin
    | PositionMode
)
"""Commands on what exists."""
