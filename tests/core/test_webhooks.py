"""Webhooks are signed as Standard Webhooks says, and tried again for three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.networks import is_public, read_networks
from muster.core.webhooks import (
    KEEP_TRYING_FOR,
    LONGEST_PAUSE,
    MEANINGS,
    BadSecret,
    EventType,
    body_of,
    headers_of,
    pause_after,
    read_secret,
    signature,
    wait_before_next,
    write_secret,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_the_vector_of_the_specification() -> None:
    made = signature(SECRET, message_id=ID, timestamp=1614265330, body=BODY)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "changed",
    [{"message_id": "msg_2"}, {"timestamp": 1614265331}, {"body": b'{"test": 2432232315}'}, {"body": b""}],
)
def test_whatever_is_changed_changes_the_signature(changed: dict[str, object]) -> None:
    given_ = {"message_id": ID, "timestamp": 1614265330, "body": BODY}
    assert signature(SECRET, **given_) != signature(SECRET, **{**given_, **changed})


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_read_as_it_was_written(key: bytes) -> None:
    assert read_secret(write_secret(key)) == key


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!!", "whsec_" + "A" * 20, "whsec_" + "A" * 100])
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(BadSecret):
        signature(secret, message_id=ID, timestamp=0, body=BODY)


def test_two_secrets_sign_along() -> None:
    other = write_secret(b"x" * 32)
    told = headers_of([SECRET, other], message_id=ID, timestamp=1614265330, body=BODY)
    assert told["webhook-signature"].split() == [
        signature(one, message_id=ID, timestamp=1614265330, body=BODY) for one in (SECRET, other)
    ]
    assert (told["webhook-id"], told["webhook-timestamp"]) == (ID, "1614265330")


def test_the_same_event_has_the_same_body() -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    bodies = {
        body_of(type_="a.b", occurred_at=at, data=data) for data in ({"x": 1, "y": "é"}, {"y": "é", "x": 1})
    }
    assert bodies == {
        '{"data":{"x":1,"y":"é"},"timestamp":"2026-07-01T00:00:00+00:00","type":"a.b"}'.encode()
    }


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_call_is_tried_for_three_days_in_growing_waits_the_last_time_at_their_end(
    first: float, chance: float
) -> None:
    age, waits = timedelta(), []
    while wait := wait_before_next(attempts=len(waits) + 1, age=age, chance=chance if waits else first):
        waits.append(wait)
        age += wait
    assert age == KEEP_TRYING_FOR
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=6)
    assert waits[:-1] == sorted(waits[:-1])
    assert 7 <= len(waits) <= 10


def test_an_endpoint_that_fails_is_left_in_peace_for_longer_and_longer_but_not_for_long() -> None:
    pauses = [pause_after(failures) for failures in range(1, 40)]
    assert pauses[0] == pauses[1] == timedelta()
    assert pauses == sorted(pauses)
    assert pauses[2] > timedelta()
    assert pauses[-1] == LONGEST_PAUSE


def test_every_type_has_a_meaning() -> None:
    assert set(MEANINGS) == set(EventType)


PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
OURS = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "fec0::1"),
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("text", [*PUBLIC, *OURS])
def test_only_what_is_on_the_internet_is_public(text: str) -> None:
    [network] = read_networks(text)
    assert is_public(network.network_address) is (text in PUBLIC)


def test_networks_are_read_with_commas() -> None:
    assert read_networks("") == ()
    assert [str(one) for one in read_networks(" 10.20.0.0/16, ::1 ,")] == ["10.20.0.0/16", "::1/128"]
    with pytest.raises(ValueError, match="does not appear"):
        read_networks("our network")
