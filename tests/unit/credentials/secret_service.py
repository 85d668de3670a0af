"""A desktop keyring for tests, on a session bus of its own: it is locked, and its unlock dialog does as told.

`python secret_service.py dismiss|ignore`: the dialog is dismissed at once, or nobody ever answers it.
Speaks what the SecretStorage library asks: org.freedesktop.secrets with one locked collection.
"""

from __future__ import annotations

import sys
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

PATH = "/org/freedesktop/secrets"
COLLECTION = f"{PATH}/collection/login"
PROMPT = f"{PATH}/prompt/1"


def main(dialog: str) -> None:
    connection = open_dbus_connection("SESSION")
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        fields = message.header.fields
        signature, body = answer(fields[HeaderFields.member], message.body)
        if signature is None:
            connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
            continue
        connection.send(new_method_return(message, signature, body))
        if fields[HeaderFields.member] == "Prompt" and dialog == "dismiss":
            emitter = DBusAddress(PROMPT, interface="org.freedesktop.Secret.Prompt")
            connection.send(new_signal(emitter, "Completed", "bv", (True, ("ao", []))))


def answer(member: str, body: Any) -> tuple[str | None, tuple[Any, ...]]:
    match member:
        case "OpenSession":
            return "vo", (("s", ""), f"{PATH}/session/1")
        case "ReadAlias":
            return "o", (COLLECTION,)
        case "Get":
            return "v", (("b", True) if body[1] == "Locked" else ("s", "Login"),)
        case "Unlock":
            return "aoo", ([], PROMPT)
        case "Prompt" | "Dismiss":
            return "", ()
    return None, ()


if __name__ == "__main__":
    main(sys.argv[1])
