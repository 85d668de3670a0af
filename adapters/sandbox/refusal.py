"""An answer that is no: HTTP status, the venue's code and its words. Raised by handlers, sent by `rest`."""

from __future__ import annotations


class VenueRefusal(Exception):
    """The venue's definite refusal of one request.

    Attributes:
        status: HTTP status.
        code: the venue's error code, negative.
        message: the venue's words.
        headers: extra response headers, such as Retry-After.
        data: more of the body, as `order/cancelReplace` gives; None for none.
    """

    def __init__(
        self,
        code: int,
        message: str,
        status: int = 400,
        headers: dict[str, str] | None = None,
        data: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        self.data = data

    def body(self) -> dict[str, object]:
        """The JSON body as the venue writes it."""
        body: dict[str, object] = {"code": self.code, "msg": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


def missing(name: str) -> VenueRefusal:
    """A mandatory parameter is absent or empty."""
    return VenueRefusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str) -> VenueRefusal:
    """A parameter's value does not parse."""
    return VenueRefusal(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
    )


INVALID_SYMBOL = VenueRefusal(-1121, "Invalid symbol.")
BAD_KEY_FORMAT = VenueRefusal(-2014, "API-key format invalid.", 401)
REJECTED_KEY = VenueRefusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
BAD_SIGNATURE = VenueRefusal(-1022, "Signature for this request is not valid.")
TOO_LATE = VenueRefusal(-1021, "Timestamp for this request is outside of the recvWindow.")
TOO_EARLY = VenueRefusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
WINDOW_TOO_LARGE = VenueRefusal(-1131, "recvWindow must be less than 60000")
"""Fixed answers; raise a copy through `again`, an exception object keeps its first traceback."""


def again(refusal: VenueRefusal) -> VenueRefusal:
    """A fresh exception with the same answer."""
    return VenueRefusal(refusal.code, refusal.message, refusal.status, refusal.headers, refusal.data)
