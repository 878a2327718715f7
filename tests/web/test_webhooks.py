"""The pages of webhooks: the secret shown once, the log, and sending again."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.notices.models import Notice
from muster.webhooks.models import Delivery, Endpoint
from muster.webhooks.operations import MOST_ENDPOINTS, secrets_of
from tests.make import make_member, make_producer
from tests.offboarding.removals import remove
from tests.web.query_counts import same_number_of_queries
from tests.web.webhook_permissions import FORM
from tests.webhooks.sending import endpoint_at, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member()


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def test_a_secret_is_shown_once(site: Client) -> None:
    assert "No program is told yet" in site.get(reverse("webhook-list")).content.decode()
    [secret] = re.findall(r'value="(whsec_[^"]+)"', site.post(reverse("webhook-new"), FORM).content.decode())
    endpoint = Endpoint.objects.get()
    assert secrets_of(endpoint, now=timezone.now()) == [secret]
    [other] = re.findall(
        r'value="(whsec_[^"]+)"', site.post(reverse("webhook-rotate", args=[endpoint.pk])).content.decode()
    )
    endpoint.refresh_from_db()
    assert secrets_of(endpoint, now=timezone.now()) == [other, secret]
    for name in ("webhook", "webhook-change", "webhook-rotate"):
        assert "whsec_" not in site.get(reverse(name, args=[endpoint.pk])).content.decode()
    assert "whsec_" not in str(list(Event.objects.values()))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"url": "https://10.0.0.1/"}, "10.0.0.1 is not on the internet"),
        ({"url": ""}, "This field is required"),
        ({"types": []}, "Tick at least one type of event"),
        ({"types": ["producer.exploded"]}, "producer.exploded is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(site: Client, over: dict[str, object], words: str) -> None:
    assert words in site.post(reverse("webhook-new"), {**FORM, **over}).content.decode()
    assert not Endpoint.objects.exists()


def test_there_are_so_many_at_most(site: Client, member: Membership) -> None:
    for _ in range(MOST_ENDPOINTS):
        endpoint_at(member, FORM["url"])
    assert "Delete one that nobody needs" in site.post(reverse("webhook-new"), FORM).content.decode()


def test_the_log_tells_what_was_answered_and_sends_again(site: Client, member: Membership) -> None:
    endpoint = endpoint_at(member, FORM["url"])
    first, *_ = queue(endpoint, 60)
    Delivery.objects.filter(pk=first.pk).update(
        state="failed",
        ended_at=timezone.now(),
        status=500,
        error="It answered 500.",
        response="<script>alert(1)</script>",
    )
    page = site.get(reverse("webhook", args=[endpoint.pk]), {"state": "failed"}).content.decode()
    assert "It answered 500." in page
    newest = site.get(reverse("webhook", args=[endpoint.pk])).content.decode()
    assert "It answered 500." not in newest
    [following] = re.findall(r'href="(\?before=\d+)"', newest)
    assert "It answered 500." in site.get(reverse("webhook", args=[endpoint.pk]) + following).content.decode()
    detail = site.get(reverse("webhook-delivery", args=[first.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in detail
    assert "<script>alert" not in detail
    site.post(reverse("webhook-delivery-again", args=[first.pk]))
    first.refresh_from_db()
    assert (first.state, first.attempts) == ("waiting", 0)
    said = site.post(reverse("webhook-delivery-again", args=[first.pk]), follow=True).content.decode()
    assert "on its way already" in said


def test_pages_take_as_many_queries_for_many_as_for_few(site: Client, member: Membership) -> None:
    endpoint = endpoint_at(member, FORM["url"])
    queue(endpoint, 60)
    operation = remove(member, *(make_producer(member.organization) for _ in range(2)))
    Notice.objects.bulk_create(
        Notice(
            organization=member.organization,
            user=member.user,
            kind=kind,
            key=f"{kind}:{number}",
            at=timezone.now(),
            data={"operation": str(operation.pk)},
        )
        for number in range(15)
        for kind in Notice.Kind
    )
    for name, address in {
        "webhook-list": reverse("webhook-list"),
        "webhook": reverse("webhook", args=[endpoint.pk]),
        "notice-list": reverse("notice-list"),
        "notice-bell": reverse("notice-bell"),
    }.items():
        with same_number_of_queries(name):
            assert site.get(address).status_code == 200


def test_off_and_on_and_gone(site: Client, member: Membership) -> None:
    endpoint = endpoint_at(member, FORM["url"])
    [waiting] = queue(endpoint)
    site.post(reverse("webhook-off", args=[endpoint.pk]))
    waiting.refresh_from_db()
    assert waiting.state == "failed"
    assert (
        "Switch it on" in site.post(reverse("webhook-test", args=[endpoint.pk]), follow=True).content.decode()
    )
    site.post(reverse("webhook-on", args=[endpoint.pk]))
    site.post(reverse("webhook-again", args=[endpoint.pk]), {"hours": "1"})
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    site.post(reverse("webhook-change", args=[endpoint.pk]), {**FORM, "url": "https://other.example.com/"})
    site.post(reverse("webhook-delete", args=[endpoint.pk]))
    assert not Endpoint.objects.exists()
    activity = site.get(reverse("activity")).content.decode()
    for words in (
        "added the webhook",
        "off",
        "on",
        "1 event again",
        "changed the webhook",
        "deleted the webhook",
    ):
        assert words in activity
