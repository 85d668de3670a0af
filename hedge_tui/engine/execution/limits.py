"""The limits in force: the file's caps, what was typed while running, and what nothing typed passes. Pure."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a sight's limits are decoded by these annotations
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from hedge_tui.config.risk import CAPS, NUMBERS, QUANTITIES, WHOLE, RiskOverrides, RiskSettings
from hedge_tui.domain.trading import DESK, account_scope, group_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.state import DeskState

PREVIEW_VALID_S = 10.0
"""A preview older than this cannot be confirmed."""
RATE = "max_order_rate"
NAMES = (*CAPS, RATE)
"""What `limit` knows."""
SETTING = "limit"
"""Scope of the journalled settings that hold typed limits."""


def setting_name(name: str, scope: str) -> str:
    """What a typed limit is called in the journal: "max_order_notional@group:core", the desk's without @."""
    return f"{name}@{scope}" if scope else name


@dataclass(frozen=True, slots=True)
class Limit:
    """One cap of one scope, as it holds now.

    Attributes:
        name: as in the config; of quantities with what they are of: "max_order_quantity.BTC".
        scope: of the desk "", else "group:NAME" or "account:NAME".
        origin: "config", "typed" or "hard".
        ceiling: the most that may be typed; None: anything, as a wider scope holds besides.
    """

    name: str
    scope: str
    value: Decimal
    origin: str
    ceiling: Decimal | None


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All limits of the desk.

    Attributes:
        settings: what the file says.
        typed: changes made while running, by `setting_name`, as text.
        drift_bp: how far a reference price may move between preview and confirmation, basis points.
        members: the accounts of each group, by its name.
    """

    settings: RiskSettings = field(default_factory=RiskSettings)
    drift_bp: Decimal = Decimal(20)
    typed: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    # -- numbers

    def own(self, name: str, scope: str = DESK) -> Limit | None:
        """What one scope itself says of a number or quantity; None where it says nothing."""
        configured, hard = self._configured(name, scope), self._hard(name)
        ceiling = self.ceiling(name, scope)
        typed = self.typed.get(setting_name(name, scope))
        if typed is not None:
            value, origin = Decimal(typed), "typed"
        elif configured is not None:
            value, origin = Decimal(configured), "config"
        elif hard is not None and scope == DESK:
            value, origin = hard, "hard"
        else:
            return None
        if ceiling is not None and value > ceiling:  # the file was changed after it was typed
            value, origin = ceiling, "config" if hard is None else "hard"
        return Limit(name, scope, value, origin, ceiling)

    def strictest(self, name: str, account: Account) -> Limit:
        """The smallest of a number that desk, groups and account say."""
        found = [one for scope in scopes_of(account) if (one := self.own(name, scope)) is not None]
        return min(found, key=lambda one: one.value)

    def over(self, account: Account) -> dict[str, Decimal]:
        """Every cap that is a number and counts for an account, the strictest of its scopes, by name."""
        names = [*NUMBERS, *(name for kind in QUANTITIES for name in self.quantities(kind))]
        found: dict[str, Decimal] = {}
        for name in names:
            if own := self.scopes_with(name, [account]):
                found[name] = min(one.value for one in own)
        return found

    def scopes_with(self, name: str, accounts: Iterable[Account]) -> list[Limit]:
        """The scopes of these accounts that say something of a number or quantity, the desk first."""
        scopes = dict.fromkeys([DESK, *(scope for one in accounts for scope in scopes_of(one))])
        return [one for scope in scopes if (one := self.own(name, scope)) is not None]

    def quantities(self, name: str) -> list[str]:
        """The names of all caps of one kind of quantity, whatever their scope: "max_order_quantity.BTC"."""
        tables = [self.settings, *self.settings.groups.values(), *self.settings.accounts.values()]
        found = dict.fromkeys(
            what for one in (*tables, self.settings.hard) for what in getattr(one, name) or ()
        )
        for key in self.typed:
            kind, dot, rest = key.partition("@")[0].partition(".")
            if kind == name and dot:
                found[rest] = None
        return [f"{name}.{what}" for what in found]

    def ceiling(self, name: str, scope: str = DESK) -> Decimal | None:
        """The most that may be typed: the hard cap, else what the file says; None: no end of its own."""
        hard = self._hard(name)
        found = self._configured(name, scope) if hard is None else hard
        return None if found is None else Decimal(found)

    def has_hard(self, name: str) -> bool:
        """Whether `[risk.hard]` names it."""
        return self._hard(name) is not None

    def is_typed(self, name: str, scope: str = DESK) -> bool:
        """Whether it was changed while running."""
        return setting_name(name, scope) in self.typed

    def without(self, name: str, scope: str = DESK) -> RiskLimits:
        """The limits if it had not been changed while running."""
        gone = setting_name(name, scope)
        return replace(self, typed={key: value for key, value in self.typed.items() if key != gone})

    # -- lists of globs

    def layers(self, name: str, scope: str) -> Iterator[tuple[str, ...]]:
        """The lists of one scope, all of which hold: the file's and the typed one."""
        if (configured := self._configured(name, scope)) is not None:
            yield configured
        if (typed := self.typed.get(setting_name(name, scope))) is not None:
            yield globs_of(typed)

    def forbids(self, instrument: Instrument, account: Account) -> str:
        """Why an instrument may not be traded in an account, or ""."""
        for scope in scopes_of(account):
            for globs in self.layers("allow", scope):
                if not fits(globs, instrument):
                    return f"{instrument.symbol} is not among what may be traded, {_listed(globs)}"
            for globs in self.layers("deny", scope):
                if fits(globs, instrument):
                    return f"{instrument.symbol} is among what may not be traded, {_listed(globs)}"
        return ""

    # -- the file

    def _configured(self, name: str, scope: str) -> Any:
        kind, _, who = scope.partition(":")
        table: RiskSettings | RiskOverrides | None = self.settings
        if scope:
            table = (self.settings.groups if kind == "group" else self.settings.accounts).get(who)
        return _value(table, name)

    def _hard(self, name: str) -> Decimal | None:
        found = _value(self.settings.hard, name)
        return None if found is None else Decimal(found)


def limits_now(limits: RiskLimits, state: DeskState, accounts: Iterable[Account]) -> RiskLimits:
    """The file's limits with what was typed on this desk."""
    typed = {name: value for (scope, name), value in state.settings.items() if scope == SETTING}
    members: dict[str, tuple[str, ...]] = {}
    for account in accounts:
        for group in account.groups:
            members[group] = (*members.get(group, ()), account.name)
    return replace(limits, typed=typed, members=members)


def scopes_of(account: Account) -> tuple[str, ...]:
    """The scopes an account is in: the desk, its groups, itself."""
    return (DESK, *map(group_scope, account.groups), account_scope(account.name))


def kind_of(name: str) -> str:
    """The cap a name belongs to: "max_order_quantity" of "max_order_quantity.BTC"."""
    return name.partition(".")[0]


def is_number(name: str) -> bool:
    """Whether a cap is one number; else it is a list of globs."""
    return kind_of(name) in (*NUMBERS, *QUANTITIES, RATE)


def is_whole(name: str) -> bool:
    """Whether only whole numbers make sense."""
    return name in WHOLE


def fits(globs: tuple[str, ...], instrument: Instrument) -> bool:
    """Whether one of the globs is that of the instrument, or of its symbol."""
    return any(fnmatchcase(instrument.id, one) or fnmatchcase(instrument.symbol, one) for one in globs)


def meant(what: str, instrument: Instrument) -> bool:
    """Whether a quantity cap of this asset, symbol or instrument counts an instrument."""
    return what in (instrument.base, instrument.symbol, instrument.id)


def globs_of(text: str) -> tuple[str, ...]:
    """A typed list: "BTC/*,ETH/*"; "none" is the empty one."""
    return () if text == "none" else tuple(filter(None, (one.strip() for one in text.split(","))))


def _listed(globs: tuple[str, ...]) -> str:
    return ", ".join(globs) or "an empty list"


def _value(table: object, name: str) -> Any:
    kind, dot, what = name.partition(".")
    found = getattr(table, kind, None)
    return found.get(what) if dot and found is not None else found
