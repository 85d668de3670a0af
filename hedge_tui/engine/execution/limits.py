"""The limits in force: the configured caps, what was changed while running, and what is halted."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from hedge_tui.config.settings import RiskSettings

PREVIEW_VALID_S = 10.0
"""A preview older than this cannot be confirmed."""


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All limits of the desk.

    Attributes:
        settings: caps of the desk and of single accounts.
        drift_bp: how far a reference price may move between preview and confirmation, basis points.
        halted: names of accounts (or "" for the desk) that take no new orders; cancels always pass.
    """

    settings: RiskSettings = field(default_factory=RiskSettings)
    drift_bp: Decimal = Decimal(20)
    halted: frozenset[str] = frozenset()
