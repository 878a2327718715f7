"""Nothing is called that only the operator's own network can reach, however its address is written."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from muster.core.networks import Network, read_networks
from muster.webhooks.addresses import AddressRefused, check_url
from muster.webhooks.calling import Answer, Call, Caller
from tests.webhooks.receiver import Receiver

NONE: tuple[Network, ...] = ()

REFUSED = [
    ("https://127.0.0.1/", "not on the internet"),
    ("https://127.1/", "not on the internet"),
    ("https://2130706433/", "not on the internet"),
    ("https://0x7f000001/", "not on the internet"),
    ("https://0177.0.0.1/", "no address"),
    ("https://0/", "not on the internet"),
    ("https://[::1]/", "not on the internet"),
    ("https://[::ffff:10.0.0.1]/", "not on the internet"),
    ("https://10.1.2.3/", "not on the internet"),
    ("https://169.254.169.254/latest/meta-data/", "not on the internet"),
    ("https://localhost/", "not on the internet"),
    ("https://crm.localhost./", "not on the internet"),
    ("http://crm.example.com/", "must begin with https://"),
    ("ftp://crm.example.com/", "no address"),
    ("file:///etc/passwd", "no address"),
    ("crm.example.com", "no address"),
    ("https://", "no address"),
    ("https://crm.example.com:99999/", "no address"),
    ("https://[::1/", "no address"),
    ("https://crm.example.com/a b", "no address"),
    ("https://ann:secret@crm.example.com/", "name and password"),
    ("https://crm.example.com/#here", "#"),
    ("https://crm.example.com/" + "a" * 500, "longer"),
]


@pytest.mark.parametrize(("url", "words"), REFUSED, ids=[url[:40] for url, _ in REFUSED])
def test_an_address_that_may_not_be_called_is_refused_when_it_is_entered(url: str, words: str) -> None:
    with pytest.raises(AddressRefused, match=words):
        check_url(url, private=NONE)


def test_others_may_be_entered() -> None:
    assert (
        check_url(" https://crm.example.com:8443/m?a=1 ", private=NONE)
        == "https://crm.example.com:8443/m?a=1"
    )
    ours = read_networks("127.0.0.0/8")
    assert check_url("http://127.0.0.1:8080/", private=ours) == "http://127.0.0.1:8080/"
    with pytest.raises(AddressRefused):
        check_url("http://10.0.0.1/", private=ours)


def call(url: str, private: str = "") -> Answer:
    with Caller(private=read_networks(private), concurrency=1) as caller:
        return caller.call(Call(url=url, headers={}, body=b"{}"))


def test_a_name_is_looked_at_when_it_is_called(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was when it was entered: names change, some of them on purpose."""
    looked_up = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **named: Any) -> Any:
        return looked_up("127.0.0.1" if host == "crm.example.com" else host, port, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = receiver.server.server_port
    for url in (
        f"https://crm.example.com:{port}/",
        f"http://crm.example.com:{port}/",
        f"http://2130706433:{port}/",
    ):
        answer = call(url)
        assert answer.status is None
        assert "127.0.0.1" in answer.error or "https" in answer.error
    assert receiver.calls == []
    assert call(f"http://crm.example.com:{port}/", "127.0.0.0/8").status == 204
    [arrived] = receiver.calls
    assert arrived.headers["host"] == f"crm.example.com:{port}"


def test_a_host_that_is_not_there_is_told_in_words() -> None:
    assert (
        call("https://nowhere.invalid/").error == "The connection failed: There is no host nowhere.invalid."
    )
