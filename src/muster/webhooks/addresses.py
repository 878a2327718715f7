"""Which addresses may be called: public ones over HTTPS, and what the operator allows besides.

An endpoint's address is chosen by people of an organization, and the call is made from within the operator's
network: it must not reach what only that network can. The name is looked up when the connection is made, and
the connection goes to the very address that was looked at.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from muster.core.networks import Address, Network, is_public
from muster.registry.deadline import DeadlineTransport

LONGEST_URL = 500


class AddressRefused(Exception):
    """This may not be called: the message is a sentence that says why, and what to do."""


def check_url(url: str, *, private: Sequence[Network]) -> str:
    """The URL, if it may be that of an endpoint as far as can be told without looking its name up.

    Raises AddressRefused.
    """
    url = url.strip()
    try:
        parts, port = urlsplit(url), urlsplit(url).port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        raise AddressRefused("This is no address. Write it as https://crm.example.com/muster.") from None
    if len(url) > LONGEST_URL:
        raise AddressRefused(f"The address is longer than {LONGEST_URL} characters.")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, url)):
        raise AddressRefused("This is no address. Write it as https://crm.example.com/muster.")
    if parts.username or parts.password:
        raise AddressRefused("Leave name and password out of the address: a call is known by its signature.")
    if parts.fragment:
        raise AddressRefused("Leave out what follows the #: it would not be sent.")
    if parts.scheme == "http" and not private:
        raise AddressRefused("The address must begin with https://.")
    # What is written as a number is looked at here already, however it is written.
    with suppress(OSError):
        check_addresses(
            _looked_up(parts.hostname, port or 443, flags=socket.AI_NUMERICHOST),
            private=private,
            only_private=parts.scheme == "http",
        )
    if parts.hostname.rstrip(".").rpartition(".")[2] == "localhost":
        check_addresses(
            [ipaddress.ip_address("127.0.0.1")], private=private, only_private=parts.scheme == "http"
        )
    return url


def check_addresses(
    addresses: Iterable[Address], *, private: Sequence[Network], only_private: bool = False
) -> None:
    """Raise AddressRefused if one of the addresses may not be called.

    `private` are networks that the operator allows; `only_private`: nothing but these, for plain HTTP.
    """
    for address in addresses:
        allowed = any(address in network for network in private)
        if only_private and not allowed:
            raise AddressRefused("The address must begin with https://.")
        if not allowed and not is_public(address):
            raise AddressRefused(
                f"{address} is not on the internet. To call hosts of your own network, the operator "
                "names it in MUSTER_WEBHOOKS_PRIVATE."
            )


def _looked_up(host: str, port: int, *, flags: int = 0) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found))


class GuardedTransport(DeadlineTransport):
    """Speaks HTTP within a deadline, and only to addresses that may be called; follows no redirect.

    `only_private`: those alone that the operator allows, for plain HTTP.
    """

    def __init__(self, *, private: Sequence[Network], only_private: bool, limits: httpx.Limits) -> None:
        super().__init__(limits=limits)
        inner = self._pool._network_backend
        self._pool._network_backend = _Guarded(inner, private, only_private)


class _Guarded(httpcore.NetworkBackend):
    def __init__(
        self, inner: httpcore.NetworkBackend, private: Sequence[Network], only_private: bool
    ) -> None:
        self.inner = inner
        self.private = private
        self.only_private = only_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = _looked_up(host, port)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError(f"There is no host {host}.") from None
        check_addresses(addresses, private=self.private, only_private=self.only_private)
        failure: Exception = httpcore.ConnectError(f"There is no host {host}.")
        for address in addresses:
            try:
                return self.inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure
