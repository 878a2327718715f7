"""The drain against the real sandbox registry: every special NPN, and what ends up in the database."""

from __future__ import annotations

import pytest

from muster.producers.models import Producer, SyncStatus
from tests.make import make_organization, make_producer
from tests.registry.running import Drain, queue_all

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = [
    ("9000001", "Not Found", "The registry knows nobody by this NPN."),
    ("9000002", "Success - No Licenses", ""),
    ("9000003", "Success", ""),
    ("9000004", "Success", ""),
    ("9000005", "Success", ""),
    ("9000006", "Success", ""),
    ("9000007", "Retry Error", "The registry did not answer in time."),
    (
        "9000008",
        "Retry Error",
        "The registry answered: The registry could not process the request (sandbox error).",
    ),
    ("9000009", "Retry Error", "The registry could not be reached: it answered HTTP 500"),
    ("9000010", "Retry Error", "The registry's answer could not be read: it is no well-formed XML"),
    ("9000011", "Retry Error", "The registry's answer could not be read: it is no well-formed XML"),
    ("9000012", "Success", ""),
    ("9000013", "Success", ""),
    ("9000014", "Success", ""),
    ("9000015", "Success", ""),
    ("9000016", "Success", ""),
    ("9000017", "Success", ""),
    ("9000018", "Success", ""),
    ("9000019", "Success", ""),
    ("9000020", "Success", ""),
]


def test_every_special_npn_ends_in_its_status(drain_all: Drain) -> None:
    organization = make_organization()
    for npn, _, _ in ENDS:
        make_producer(organization, npn=npn)
    queue_all(organization)
    drain_all()
    found = [
        (producer.npn, producer.get_sync_status_display(), producer.sync_reason.partition(" (line")[0])
        for producer in Producer.objects.order_by("npn")
    ]
    assert found == ENDS
    assert not Producer.objects.filter(sync_status=SyncStatus.PROCESSING).exists()
