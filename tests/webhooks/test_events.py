"""What happens becomes events, each once, as the reference shows them, for those alone who asked for them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.core.transactions import number_told
from muster.core.webhooks import TEST, EventType
from muster.history.context import changing
from muster.history.models import Source
from muster.notices.in_app import notices_of
from muster.transactions.models import Transaction
from muster.webhooks.delivery import deliver
from muster.webhooks.models import Delivery, WebhookEvent
from muster.webhooks.operations import make_endpoint, send_test
from muster.webhooks.pump import pump
from tests.make import make_license, make_member, make_producer, make_transaction
from tests.offboarding.removals import remove
from tests.webhooks.receiver import Receiver
from tests.webhooks.sending import endpoint_at

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "webhooks.md"
URL = "https://crm.example.com/muster"


def examples() -> dict[str, Any]:
    """The data that the reference shows, by type."""
    found = re.findall(r"^## (\w+\.\w+)$.*?```json\n(.*?)```", REFERENCE.read_text("utf-8"), re.M | re.S)
    return {type_: json.loads(text) for type_, text in found}


def shape(data: Any) -> Any:
    """Which members there are; what differs from license to license is left out."""
    if isinstance(data, dict):
        return {key: {} if key in ("old", "new") else shape(value) for key, value in data.items()}
    return [shape(data[0])] if isinstance(data, list) else None


def payloads(type_: EventType) -> list[dict[str, Any]]:
    return [event.payload for event in WebhookEvent.objects.filter(type=type_).order_by("occurred_at")]


def let_all_happen(member: Membership) -> None:
    """Each type of event, once."""
    synced = make_producer(member.organization, synced_at=timezone.now())
    make_license(synced)
    filing = make_transaction(synced, status="ready", number=17)
    Transaction.objects.filter(pk=filing.pk).update(status="submitted")
    for kind, told in (
        (EventKind.PORTAL_INVITED.value, {"data": {"ids": [synced.pk]}}),
        (EventKind.PORTAL_REGISTERED.value, {"subject": f"producer:{synced.pk}"}),
    ):
        Event.objects.create(organization=member.organization, kind=kind, by=member.user, **told)
    remove(member, make_producer(member.organization))


def test_every_type_is_told_as_the_reference_shows_it(member: Membership) -> None:
    endpoint = endpoint_at(member, URL)
    let_all_happen(member)
    pump()
    send_test(by=member, endpoint=endpoint)
    shown = examples()
    assert list(shown) == [*(type_.value for type_ in EventType), TEST]
    made = {event.type: event.payload for event in WebhookEvent.objects.all()}
    assert {type_: shape(data) for type_, data in made.items()} == {
        type_: shape(data) for type_, data in shown.items()
    }
    assert made[EventType.TRANSACTION_CHANGED]["transaction"]["number"] == number_told(17)
    text = REFERENCE.read_text("utf-8")
    assert [type_ for type_ in EventType if type_.meaning.rstrip(".") not in text] == []


def test_an_operation_that_ends_is_told_to_a_receiver_that_can_check_who_tells(
    member: Membership, receiver: Receiver
) -> None:
    _, secret = make_endpoint(by=member, url=f"{receiver.url}/muster", types=list(EventType))
    producer = make_producer(member.organization)
    operation = remove(member, producer)
    assert pump() == 2
    assert deliver() == 2
    finished, removed = sorted(receiver.calls, key=lambda call: call.told["type"])
    assert (finished.told["type"], removed.told["type"]) == ("operation.finished", "producer.removed")
    assert finished.path == "/muster"
    assert finished.told["data"]["operation"]["id"] == str(operation.pk)
    assert finished.told["data"]["operation"]["outcomes"]["updated"] == 1
    assert removed.told["data"]["producer"] == {"id": producer.pk, "npn": producer.npn}
    assert all(call.is_signed_with(secret) for call in receiver.calls)
    assert not finished.is_signed_with("whsec_" + "A" * 32)
    assert (pump(), deliver()) == (0, 0)


def test_what_one_report_changes_of_a_producer_is_one_event(member: Membership) -> None:
    endpoint_at(member, URL, "license.changed")
    people = [make_producer(member.organization, synced_at=timezone.now()) for _ in range(3)]
    at = timezone.now()
    with transaction.atomic(), changing(source=Source.REGISTRY, at=at):
        licenses = [make_license(one, state) for state in ("CA", "TX") for one in people]
        for license_ in licenses[:3]:
            license_.expires_on = date(2030, 1, 31)
            license_.save()
    pump()
    told = payloads(EventType.LICENSE_CHANGED)
    assert sorted(one["producer"]["id"] for one in told) == sorted(one.pk for one in people)
    for one in told:
        changes = [(license_["state"], license_["change"]) for license_ in one["licenses"]]
        assert changes == [("CA", "added"), ("TX", "added"), ("CA", "changed")]
        assert one["licenses"][2]["new"]["expires_on"] == "2030-01-31"
        assert one["source"] == "registry"


def test_who_did_not_ask_is_told_nothing(member: Membership) -> None:
    """Neither an endpoint for other types, nor one that is off, nor another organization."""
    others = make_member()
    theirs = endpoint_at(others, URL)
    some = endpoint_at(member, URL, "producer.removed")
    let_all_happen(member)
    pump()
    assert [one.endpoint_id for one in Delivery.objects.all()] == [some.pk]
    assert set(WebhookEvent.objects.values_list("type", flat=True)) == {"producer.removed"}
    assert not theirs.deliveries.exists()


def test_without_endpoints_nothing_is_kept_but_notices(member: Membership) -> None:
    let_all_happen(member)
    pump()
    assert not WebhookEvent.objects.exists()
    assert sorted(notice.kind for notice in notices_of(member)) == [
        "operation-finished",
        "producer-registered",
    ]
