"""One request as handlers see it, and the reading of its parameters with the venue's own refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from adapters.sandbox.refusal import VenueRefusal, illegal, missing

if TYPE_CHECKING:
    from adapters.sandbox.accounts import AccountSpec

_DECIMAL = re.compile(r"^[0-9]{0,20}(\.[0-9]{1,20})?$|^[0-9]{1,20}\.$")
_TRUE = ("true", "TRUE", "True")


@dataclass(slots=True)
class Call:
    """A request after routing, and after its signature was checked if the endpoint wants one.

    Attributes:
        method, path: such as POST and /fapi/v1/order.
        params: query and body together, decoded, without the signature.
        account: whose key signed or accompanied it; None on public endpoints.
        now_ms: the venue's clock when it arrived.
    """

    method: str
    path: str
    params: dict[str, str]
    now_ms: int
    account: AccountSpec | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> AccountSpec:
        """The account of a call to a signed endpoint."""
        assert self.account is not None
        return self.account

    def text(self, name: str) -> str:
        """A parameter that must be there.

        Raises:
            VenueRefusal: -1102, it is absent or empty.
        """
        value = self.params.get(name)
        if not value:
            raise missing(name)
        return value

    def integer(self, name: str) -> int | None:
        """A whole number, or None when absent.

        Raises:
            VenueRefusal: -1100, it is no whole number.
        """
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if not value.isdigit():
            raise illegal(name)
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """An unsigned decimal exactly as written, or None when absent.

        Raises:
            VenueRefusal: -1100, it is no plain decimal (no exponent, no sign, as at the venue).
        """
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if not _DECIMAL.match(value):
            raise VenueRefusal(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
            )
        return Decimal(value)

    def flag(self, name: str) -> bool:
        """A boolean parameter; absent means False."""
        return self.params.get(name, "") in _TRUE

    def limit(self, default: int, largest: int) -> int:
        """The `limit` parameter, at most `largest`."""
        value = self.integer("limit")
        return default if not value else min(value, largest)


def parse_pairs(text: str) -> dict[str, str]:
    """Decode `a=1&b=2`; the first of a repeated name wins.

    Batch bodies arrive with raw JSON in them, which holds no `&` and is split at its first `=` only.
    """
    params: dict[str, str] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        params.setdefault(unquote_plus(name), unquote_plus(value))
    return params
