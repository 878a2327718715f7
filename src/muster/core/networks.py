"""Networks and addresses: which an operator names, and which are on the internet."""

from __future__ import annotations

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Here an IPv4 address stands in the last 32 bits (RFC 6052)."""

OF_HOSTS = frozenset({ipaddress.ip_address("168.63.129.16")})
"""Public by number, but of the host on which a machine runs, at one provider."""


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas, such as `10.20.0.0/16, 192.168.7.5`. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_public(address: Address) -> bool:
    """Whether the address, and any that is hidden in it, is one of the internet."""
    inner: Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo or address.is_site_local:
            return False
    one = inner or address
    if one in OF_HOSTS:
        return False
    return one.is_global and not one.is_multicast and not one.is_reserved
