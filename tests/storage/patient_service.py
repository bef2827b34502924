"""
A Secret Service that keeps whoever asks waiting, as a program: it ends when it is killed.

    python patient_service.py nothing     owns the name and answers no call
    python patient_service.py prompts     has a locked collection and a prompt that nobody completes
    python patient_service.py is-new      has no collection, and a prompt for one that nobody completes
"""

from __future__ import annotations

import sys

from jeepney import HeaderFields, Message, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import Proxy, open_dbus_connection

PROMPT = "/org/freedesktop/secrets/prompt/1"


def answer(call: Message, *, is_new: bool) -> Message:
    match call.header.fields[HeaderFields.member], call.body:
        case "Get", (_, "Label") if is_new:
            return new_error(call, "org.freedesktop.Secret.Error.NoSuchObject")
        case "Get", (_, "Label"):
            return new_method_return(call, "v", (("s", "Login"),))
        case "Get", (_, "Locked"):
            return new_method_return(call, "v", (("b", True),))
        case "OpenSession", ("plain", _):
            return new_method_return(call, "vo", (("s", ""), "/session"))
        case "OpenSession", _:
            return new_error(call, "org.freedesktop.DBus.Error.NotSupported")
        case "CreateCollection", _:
            return new_method_return(call, "oo", ("/", PROMPT))
        case "Unlock", _:
            return new_method_return(call, "aoo", ([], PROMPT))
        case "Prompt", _:
            return new_method_return(call)
        case _:
            return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")


def main() -> None:
    with open_dbus_connection() as bus:
        Proxy(message_bus, bus).RequestName("org.freedesktop.secrets")
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
        while True:
            message = bus.receive()
            if sys.argv[1] != "nothing" and message.header.message_type is MessageType.method_call:
                bus.send(answer(message, is_new=sys.argv[1] == "is-new"))


if __name__ == "__main__":
    main()
