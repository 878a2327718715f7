"""Finishing an onboarding: what comes of drafts, once, whatever is pressed twice or comes in between."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.audit.models import Event
from muster.bulk.models import Operation
from muster.core.onboarding import DraftStatus
from muster.licenses.models import PaymentSetup
from muster.onboarding import operations
from muster.onboarding.models import Draft
from muster.onboarding.operations import Onboarded, onboard
from muster.producers.models import Producer, SyncStatus
from muster.transactions.models import Transaction
from muster.vault import unseal
from tests.make import make_agency, make_member, make_organization, make_producer, with_ssn
from tests.onboarding.starting import FACTS, TALBOT, make_draft

pytestmark = pytest.mark.django_db


def finish(by: Membership, drafts: Collection[Draft]) -> Onboarded:
    return onboard(
        organization_id=by.organization_id,
        draft_ids=[draft.pk for draft in drafts],
        by_id=by.user_id,
        now=timezone.now(),
    )


def test_a_producer_is_created_with_payment_and_licenses_and_queued_for_sync(member: Membership) -> None:
    agency = make_agency(member.organization)
    draft = make_draft(
        member, details={"agency_id": agency.pk}, gender="female", last_name="Nunez", **with_ssn("123456789")
    )
    done = finish(member, [draft])
    producer = Producer.objects.get()
    assert (done.producers, done.created) == ({draft.pk: producer.pk}, {producer.pk})
    assert (producer.npn, producer.first_name, producer.last_name) == (TALBOT, "Zoë", "O'Brien-Nuñez")
    assert (producer.email, producer.agency, producer.gender) == ("zoe@harbor.example", agency, "female")
    assert (producer.file_last_name, producer.is_watched) == ("Nunez", True)
    assert (producer.ssn_last4, unseal(producer.ssn_sealed or "")) == ("6789", "123456789")
    assert producer.sync_status == SyncStatus.QUEUED
    assert producer.sync_next_at is not None
    setup = PaymentSetup.objects.get(producer=producer)
    assert (setup.new_paid_by, setup.renewal_paid_by, setup.auto_renewal) == ("agency", "producer", True)
    [asked] = Transaction.objects.all()
    assert (asked.kind, asked.status, asked.jurisdiction) == ("license", "ready", "CA")
    assert (asked.paid_by, asked.prepared_by, asked.released_at) == ("agency", member.user, None)
    assert [name for _, name in asked.lines] == ["Life"]
    draft.refresh_from_db()
    assert (draft.status, draft.producer, draft.ssn_sealed) == (DraftStatus.ONBOARDED, producer, None)
    event = Event.objects.get(kind="producer:onboard")
    assert (event.by, event.subject) == (member.user, f"producer:{producer.pk}")


def test_finished_twice_it_is_done_once(member: Membership) -> None:
    draft = make_draft(member)
    finish(member, [draft])
    assert finish(member, [draft]) == Onboarded()
    counts = [model.objects.count() for model in (Producer, PaymentSetup, Transaction)]
    assert counts == [1, 1, 1]


def test_killed_before_the_end_nothing_is_half_done(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft(member)

    def dies(*args: Any, **kwargs: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(operations, "request_for", dies)
        with pytest.raises(KeyboardInterrupt):
            finish(member, [draft])
    draft.refresh_from_db()
    assert (draft.status, Producer.objects.count(), Transaction.objects.count()) == ("ready", 0, 0)
    assert len(finish(member, [draft]).created) == 1


def test_who_came_in_by_another_way_meanwhile_is_refused_with_a_link(member: Membership) -> None:
    draft = make_draft(member)
    other = make_producer(member.organization, npn=TALBOT, first_name="Zoë", last_name="Nuñez")
    done = finish(member, [draft])
    assert done.producers == {}
    assert done.refused[draft.pk]["code"] == "ONBOARD-E001"
    draft.refresh_from_db()
    assert (draft.status, draft.producer) == (DraftStatus.FAILED, None)
    assert not PaymentSetup.objects.filter(producer=other).exists()


def test_names_that_are_longer_than_ours_are_cut(member: Membership) -> None:
    names = ("first_name", "middle_name", "last_name", "name_suffix")
    draft = make_draft(member, facts=FACTS | {name: name[0] * 250 for name in names})
    finish(member, [draft])
    producer = Producer.objects.get()
    assert [len(getattr(producer, name)) for name in names] == [100, 100, 200, 20]


def test_of_two_drafts_of_one_who_was_removed_the_first_brings_back_alone(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = make_producer(member.organization, npn=TALBOT, removed_at=timezone.now())
    operation = Operation.objects.create(
        id=uuid4(), organization=member.organization, kind="agent", state="done"
    )
    first = make_draft(member, email="first@harbor.example")
    second = make_draft(member, email="second@harbor.example", operation=operation, row_no=2)
    looked = operations.known_by_npn

    def looks_a_moment_too_early(organization_id: int, npns: Collection[str]) -> Any:
        known = looked(organization_id, npns)
        monkeypatch.undo()
        finish(member, [first])
        return known

    monkeypatch.setattr(operations, "known_by_npn", looks_a_moment_too_early)
    done = finish(member, [second])
    assert (done.producers, done.readded) == ({}, set())
    assert done.refused[second.pk]["code"] == "ONBOARD-E001"
    removed.refresh_from_db()
    assert (removed.removed_at, removed.email) == (None, "first@harbor.example")
    first.refresh_from_db()
    assert first.status == DraftStatus.ONBOARDED


def test_two_rows_of_one_producer_make_one(member: Membership) -> None:
    operation = Operation.objects.create(
        id=uuid4(), organization=member.organization, kind="agent", state="done"
    )
    first, second = (make_draft(member, operation=operation, row_no=row) for row in (2, 3))
    done = finish(member, [first, second])
    assert (list(done.producers), Producer.objects.count()) == ([first.pk], 1)
    assert done.refused[second.pk]["code"] == "ONBOARD-E001"


def test_drafts_that_are_not_ready_or_not_ours_are_left_alone(member: Membership) -> None:
    theirs = make_draft(make_member(make_organization()))
    mine = [
        make_draft(member, npn=f"10000{place}", status=status, email="")
        for place, status in enumerate(("identified", "failed", "discarded", "retrieving"))
    ]
    assert finish(member, [theirs, *mine]) == Onboarded()
    assert not Producer.objects.exists()


def test_many_take_as_many_statements_as_few(member: Membership) -> None:
    def statements(npns: range) -> int:
        drafts = [make_draft(member, npn=str(npn), email=f"p{npn}@harbor.example") for npn in npns]
        with CaptureQueriesContext(connection) as made:
            finish(member, drafts)
        return len(made)

    few = statements(range(1_000_001, 1_000_003))
    assert statements(range(1_000_101, 1_000_141)) == few
    assert (Producer.objects.count(), Transaction.objects.count()) == (42, 42)
