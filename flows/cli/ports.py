"""Addresses to serve at: whether they can be used is known before anything is opened."""

from __future__ import annotations

import socket

from flows.errors import FlowError


def free_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened at. Raises FlowError with the reason and the fix."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            # As servers do it: a port whose last connections are still closing is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise FlowError(
            f"cannot serve at {host}, port {port} ({error.strerror or error}); another program may use it, or the "
            f"address is not of this machine. Choose another --port"
        ) from error
