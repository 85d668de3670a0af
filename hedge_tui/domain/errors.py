"""Every error of the product, told apart by what the caller does next.

    HedgeError
    ├─ ConfigError       fix the file (names file and line)
    ├─ CommandError      fix the text, at its span
    ├─ VenueError
    │  ├─ Unavailable    nothing happened; try again with back-off
    │  ├─ Refused        definite; show the venue's words
    │  └─ OutcomeUnknown it may have happened; reconcile, never send again
    ├─ CredentialError   unlock, or mend the vault
    ├─ EngineUnreachable start or attach to an engine
    ├─ StoreError        stop trading, keep cancelling
    └─ LedgerError       a bug of ours: fault, keep the evidence

Messages name both values: "quantity 0.0004 is below the lot 0.001".
"""

from __future__ import annotations


class HedgeError(Exception):
    """Anything this product raises on purpose."""


class ConfigError(HedgeError):
    """The configuration or a file it names is wrong; the message says where and what to write."""


class CommandError(HedgeError):
    """The typed line cannot be carried out as it stands.

    Attributes:
        message: what is wrong, in one sentence that names the values.
        span: (start, end) character offsets into the typed text; end is exclusive.
        hint: a line or word that would work, or "".
        readings: when the text is ambiguous, every reading it allows, as typed lines or phrases.
    """

    def __init__(
        self,
        message: str,
        span: tuple[int, int] = (0, 0),
        hint: str = "",
        readings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.readings = readings


class VenueError(HedgeError):
    """A venue did not do as asked.

    Attributes:
        code: the venue's own code as text, or "".
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Unavailable(VenueError):
    """Nothing reached the venue, or it is sure that nothing happened; try again later.

    Attributes:
        retry_after_s: seconds the venue asks to wait, or None.
    """

    def __init__(self, message: str, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, code)
        self.retry_after_s = retry_after_s


class Refused(VenueError):
    """The venue said no, definitely; the message is its own words."""


class OutcomeUnknown(VenueError):
    """No usable answer came; the act may have happened."""


class CredentialError(HedgeError):
    """The vault is locked, damaged, or refuses; the message says how to go on."""


class EngineUnreachable(HedgeError):
    """No engine answers on this data directory."""


class StoreError(HedgeError):
    """The journal or the history cannot be written or trusted."""


class LedgerError(HedgeError):
    """Our own books contradict themselves; the engine faults and keeps the evidence."""
