"""Onboarding the producers of a file: each looked up, told why where not, onboarded once, with payment."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.access.models import Membership
from muster.bulk.models import Finding, Item, Operation, OperationState
from muster.bulk.runner import run
from muster.core.onboarding import DraftStatus
from muster.licenses.models import PaymentSetup
from muster.notices.models import Email
from muster.onboarding import many, retrieving
from muster.onboarding.forgetting import discard_old
from muster.onboarding.many import Payment, set_payment_of, start_onboarding
from muster.onboarding.mending import discard_file, leave_out, mend, reprocess, said_by
from muster.onboarding.models import Draft, RequiredColumns
from muster.onboarding.retrieving import release_orphans, still_asked
from muster.onboarding.tasks import retrieve_now
from muster.producers.models import Producer, SyncStatus
from muster.registry.hooks import MakesWay
from muster.registry.operations import drain_lock
from muster.vault import unseal
from tests.make import make_producer, with_ssn
from tests.onboarding.files import AS_USUAL, drafts_of, onboard_all, row, upload, why_of
from tests.onboarding.starting import AN_AGENCY, make_draft
from tests.sandbox.process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def test_rows_are_looked_up_and_onboarded_with_payment(member: Membership) -> None:
    file = upload(member, [row(0), row(1)])
    assert [(one.status, one.why) for one in drafts_of(file)] == [("ready", None)] * 2
    begun = onboard_all(member, file)
    assert (begun.state, begun.outcomes["created"]) == (OperationState.DONE, 2)
    for told, producer in zip([row(0), row(1)], Producer.objects.order_by("npn"), strict=True):
        assert (producer.npn, producer.last_name) == (told["NPN"], told["Last Name"])
        assert (producer.email, producer.gender) == (told["Email"], "female")
        assert unseal(producer.ssn_sealed or "") == told["SSN"].replace("-", "")
        assert producer.sync_status == SyncStatus.QUEUED
    setups = PaymentSetup.objects.values_list("new_paid_by", "renewal_paid_by", "auto_renewal")
    assert list(setups) == [("agency", "producer", True)] * 2
    assert {one.status for one in drafts_of(file)} == {DraftStatus.ONBOARDED}


def test_the_starter_gets_one_email_when_the_producers_are_onboarded(member: Membership) -> None:
    file = upload(member, [row(0)])
    assert not Email.objects.exists()
    begun = onboard_all(member, file)
    email = Email.objects.get()
    assert (email.to, email.operation_id) == (member.user.email, begun.pk)
    assert email.subject == "Onboard producers: 1 onboarded"
    assert f"/producers/onboarding/bulk/{file.pk}/" in email.text


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"NPN": "12a"}, "NPN-E001"),
        ({"NPN": ""}, "ROW-E001"),
        ({"Email": ""}, "ROW-E001"),
        ({"SSN": ""}, "ROW-E001"),
        ({"SSN": "***-**-6789"}, "ROW-E001"),
        ({"Gender": ""}, "ROW-E001"),
        ({"Email": "nobody"}, "EMAIL-E001"),
        ({"NPN": "9999999"}, "ONBOARD-E005"),
        ({"NPN": AN_AGENCY}, "ONBOARD-E017"),
        ({"Last Name": "Otherwise"}, "ONBOARD-E014"),
        ({"SSN": "219-09-9999"}, "ONBOARD-E015"),
    ],
)
def test_a_row_that_is_not_ready_says_why(member: Membership, over: dict[str, str], code: str) -> None:
    good, bad = drafts_of(upload(member, [row(0), row(1) | over]))
    assert (good.status, bad.status) == (DraftStatus.READY, DraftStatus.FAILED)
    assert why_of(bad) == code


@pytest.mark.parametrize(
    ("there", "code"),
    [
        ({"npn": row(0)["NPN"]}, "ONBOARD-E001"),
        ({"npn": "77", "last_name": "Otherwise", **with_ssn(row(0)["SSN"].replace("-", ""))}, "ONBOARD-E003"),
        ({"npn": "77", "email": row(0)["Email"].upper()}, "ONBOARD-E002"),
    ],
)
def test_a_row_about_somebody_who_is_here_says_so(
    member: Membership, there: dict[str, Any], code: str
) -> None:
    make_producer(member.organization, **there)
    [draft] = drafts_of(upload(member, [row(0)]))
    assert (draft.status, why_of(draft)) == (DraftStatus.FAILED, code)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"NPN": row(0)["NPN"]}, "ROW-E902"),
        ({"SSN": row(0)["SSN"]}, "ONBOARD-E012"),
        ({"Email": row(0)["Email"].upper()}, "ONBOARD-E013"),
    ],
)
def test_what_two_rows_claim_is_told_on_both(member: Membership, over: dict[str, str], code: str) -> None:
    drafts = drafts_of(upload(member, [row(0), row(1) | over]))
    assert [why_of(draft) for draft in drafts] == [code, code]


def test_rows_that_say_the_same_are_left_out_before_others_are_told_of_them(member: Membership) -> None:
    file = upload(member, [row(0), row(1) | {"Email": row(0)["Email"]}, row(0)])
    first, other = drafts_of(file)
    assert [one.why["params"]["twin"] for one in (first, other) if one.why] == [3, 2]
    mend(by=member, upload=file, draft_id=other.pk, values={"email": row(1)["Email"]}, now=timezone.now())
    assert reprocess(by=member, upload=file, now=timezone.now()) == 1
    retrieve_now()
    assert [one.status for one in drafts_of(file)] == ["ready", "ready"]


def test_rows_that_say_the_same_wrong_are_mended_once_and_the_other_left_out(member: Membership) -> None:
    bad = row(0) | {"SSN": "12345678"}
    file = upload(member, [bad, bad])
    for _ in range(2):
        first, second = drafts_of(file)
        assert [why_of(one) for one in (first, second)] == ["SSN-E003", "SSN-E003"]
        assert reprocess(by=member, upload=file, now=timezone.now()) == 0
    ssn = {"ssn": row(0)["SSN"]}
    mend(by=member, upload=file, draft_id=first.pk, values=ssn, now=timezone.now())
    mend(by=member, upload=file, draft_id=second.pk, values=ssn, now=timezone.now())
    first, second = drafts_of(file)
    assert (first.status, why_of(second)) == ("identified", "ONBOARD-E011")
    assert leave_out(by=member, upload=file, draft_id=second.pk, now=timezone.now())
    assert not leave_out(by=member, upload=file, draft_id=second.pk, now=timezone.now())
    retrieve_now()
    assert [one.status for one in drafts_of(file)] == ["ready", "discarded"]


@pytest.mark.parametrize("gender", ["F", "m", "X", "Prefer not to say", "Nonbinary"])
def test_a_gender_may_be_told_as_lists_of_employees_do(member: Membership, gender: str) -> None:
    [draft] = drafts_of(upload(member, [row(0) | {"Gender": gender}]))
    assert draft.status == DraftStatus.READY


def test_an_ssn_in_another_column_is_neither_kept_nor_shown(member: Membership) -> None:
    number = "219-09-9999"
    rows = [row(0) | {"NPN": number}, row(1) | {"Email": number.replace("-", "")}]
    rows += [row(2) | {"Last Name": number.replace("-", "")}]
    drafts = drafts_of(upload(member, rows))
    assert {one.status for one in drafts} == {"failed"}
    kept = str(list(Draft.objects.values("npn", "email", "details", "why"))) + str(
        [said_by(one) for one in drafts]
    )
    assert "***-**-9999" in kept
    assert number not in kept
    assert number.replace("-", "") not in kept


def test_who_is_onboarded_one_by_one_is_not_taken_from_a_file(member: Membership) -> None:
    alone = make_draft(member, npn=row(0)["NPN"], email="")
    file = upload(member, [row(0)])
    assert why_of(drafts_of(file)[0]) == "ONBOARD-E018"
    Draft.objects.filter(pk=alone.pk).update(status="discarded")
    assert reprocess(by=member, upload=file, now=timezone.now()) == 1


def test_an_onboarding_one_by_one_ends_when_a_file_onboards_the_same_producer(member: Membership) -> None:
    file = upload(member, [row(0)])
    alone = make_draft(member, npn=row(0)["NPN"], email="")
    onboard_all(member, file)
    alone.refresh_from_db()
    assert (alone.status, why_of(alone)) == ("failed", "ONBOARD-E001")


def test_an_address_that_has_become_somebodys_is_not_given_twice(member: Membership) -> None:
    file = upload(member, [row(0), row(1)])
    make_producer(member.organization, npn="77", email=row(0)["Email"].upper())
    begun = onboard_all(member, file)
    assert (begun.outcomes["created"], begun.outcomes["rejected"]) == (1, 1)
    assert [why_of(one) for one in drafts_of(file)] == ["ONBOARD-E002", ""]


def test_one_without_an_answer_holds_up_nobody_and_says_why(
    member: Membership, sandbox: SandboxProcess
) -> None:
    sandbox.control(f"npn/{row(1)['NPN']}", {"behavior": "error_once"})
    file = upload(member, [row(0), row(1)])
    assert [one.status for one in drafts_of(file)] == ["ready", "identified"]
    first, [again] = still_asked(file.pk)
    assert (first, again.producers) == (0, 1)
    assert again.why.startswith("The registry")
    assert again.again_at is not None
    assert onboard_all(member, file).outcomes["created"] == 1
    Draft.objects.filter(operation=file).update(next_at=None)
    retrieve_now()
    assert [(one.status, one.why) for one in drafts_of(file)] == [("onboarded", None), ("ready", None)]
    assert still_asked(file.pk) == (0, [])


def test_the_same_row_twice_is_one_producer(member: Membership) -> None:
    assert len(drafts_of(upload(member, [row(0), row(0)]))) == 1


def test_columns_that_the_organization_leaves_open_may_be_empty(member: Membership) -> None:
    RequiredColumns.objects.create(organization=member.organization, email=False, ssn=False, gender=False)
    [draft] = drafts_of(upload(member, [row(0) | {"Email": "", "SSN": "", "Gender": ""}]))
    assert draft.status == DraftStatus.READY


def test_a_row_is_mended_in_place_and_looked_up_alone(member: Membership) -> None:
    file = upload(member, [row(0), row(1) | {"NPN": "12a"}])
    draft = drafts_of(file)[1]
    mended = mend(
        by=member, upload=file, draft_id=draft.pk, values={"npn": row(1)["NPN"]}, now=timezone.now()
    )
    assert mended is not None
    assert mended.status == DraftStatus.IDENTIFIED
    assert retrieve_now().answered == 1
    assert [one.status for one in drafts_of(file)] == ["ready", "ready"]
    assert unseal(drafts_of(file)[1].ssn_sealed or "") == row(1)["SSN"].replace("-", "")


def test_a_row_that_is_mended_badly_says_why(member: Membership) -> None:
    file = upload(member, [row(0), row(1) | {"NPN": "12a"}])
    draft = drafts_of(file)[1]
    mended = mend(
        by=member, upload=file, draft_id=draft.pk, values={"npn": row(0)["NPN"]}, now=timezone.now()
    )
    assert mended is not None
    assert (mended.status, why_of(mended)) == (DraftStatus.FAILED, "ONBOARD-E011")


def test_failed_rows_are_reprocessed_alone(member: Membership) -> None:
    there = make_producer(member.organization, npn="77", email=row(1)["Email"])
    file = upload(member, [row(0), row(1), row(2) | {"NPN": "12a"}])
    there.delete()
    assert reprocess(by=member, upload=file, now=timezone.now()) == 1
    assert retrieve_now().answered == 1
    assert [one.status for one in drafts_of(file)] == ["ready", "ready", "failed"]
    assert onboard_all(member, file).outcomes["created"] == 2


def test_one_may_pay_otherwise_than_all(member: Membership) -> None:
    file = upload(member, [row(0), row(1)])
    first = drafts_of(file)[0]
    own = Payment("producer", "producer", False)
    assert set_payment_of(by=member, upload=file, draft_id=first.pk, payment=own, now=timezone.now())
    onboard_all(member, file)
    setups = PaymentSetup.objects.order_by("producer__npn")
    assert [(one.new_paid_by, one.auto_renewal) for one in setups] == [("producer", False), ("agency", True)]


def test_pressed_twice_it_is_one_onboarding(member: Membership) -> None:
    file = upload(member, [row(0)])
    operation_id = uuid4()
    first = onboard_all(member, file, operation_id=operation_id)
    second = onboard_all(member, file, operation_id=operation_id)
    assert first.pk == second.pk
    assert Producer.objects.count() == 1
    assert Operation.objects.filter(kind="onboard-producers").count() == 1


def test_two_persons_who_onboard_one_file_onboard_nobody_twice(member: Membership) -> None:
    file = upload(member, [row(0)])
    begun = [
        start_onboarding(
            by=member, upload=file, operation_id=uuid4(), payment=AS_USUAL, now=timezone.now(), defer=False
        )
        for _ in range(2)
    ]
    for one in begun:
        run(one.pk)
        one.refresh_from_db()
    assert Producer.objects.count() == 1
    assert [one.outcomes["rejected"] for one in begun] == [0, 1]


def test_of_two_onboardings_at_once_the_second_says_that_it_onboarded_nobody(
    member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both were checked before either began.
    monkeypatch.setattr(many._Judge, "judge", lambda self, rows: None)
    file = upload(member, [row(0)])
    first, second = (
        start_onboarding(
            by=member, upload=file, operation_id=uuid4(), payment=AS_USUAL, now=timezone.now(), defer=False
        )
        for _ in range(2)
    )
    checked = Item.objects.filter(operation=second)
    run(first.pk)
    run(second.pk)
    second.refresh_from_db()
    assert [item.outcome for item in checked] == ["rejected"]
    assert second.outcomes["rejected"] == 1
    assert not second.outcomes.get("unchanged")


def test_who_came_in_the_meantime_is_left_out_with_the_reason(member: Membership) -> None:
    file = upload(member, [row(0), row(1)])
    make_producer(member.organization, npn=row(0)["NPN"])
    begun = onboard_all(member, file)
    assert begun.state == OperationState.DONE_WITH_FAILURES
    assert (begun.outcomes["created"], begun.outcomes["rejected"]) == (1, 1)
    assert Finding.objects.get(operation=begun).code == "ONBOARD-E001"


def test_no_ssn_stands_in_anything_but_its_seal(member: Membership) -> None:
    bad = row(1) | {"NPN": "12a"}
    file = upload(member, [row(0), bad, row(2) | {"SSN": "219-09-9999"}])
    begun = onboard_all(member, file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        told = [str(one) for one in cursor.fetchall()]
    for model in (Item, Finding, Draft):
        told += [str(one) for one in model.objects.values()]
    told += [str(one) for one in Operation.objects.filter(pk__in=[file.pk, begun.pk]).values()]
    for one in (row(0), bad, row(2)):
        for number in (one["SSN"], one["SSN"].replace("-", ""), "219099999"):
            assert not any(number in text for text in told)


def test_a_claim_of_a_dead_worker_is_claimed_again_and_its_late_answer_is_left(
    member: Membership,
) -> None:
    file = upload(member, [row(0)], looks_up=False)
    with connection.cursor() as cursor:
        cursor.execute(retrieving.statement("claim_drafts"), {"limit": 9, "now": timezone.now()})
        [claimed] = [retrieving.Claim(*one) for one in cursor.fetchall()]
    assert release_orphans() == 1
    late = retrieving.Answer(claimed, DraftStatus.FAILED, 1)
    retrieving.keep([late], now=timezone.now())
    assert drafts_of(file)[0].status == DraftStatus.IDENTIFIED
    assert retrieve_now().answered == 1
    assert drafts_of(file)[0].status == DraftStatus.READY


def test_a_sync_makes_way_for_a_file_that_waits(member: Membership) -> None:
    way = MakesWay(lambda: False, seconds=0)
    assert not way()
    upload(member, [row(0)], looks_up=False)
    assert way()
    assert way.makes_way


@pytest.mark.django_db(transaction=True)
def test_it_is_held_up_while_another_asks_the_registry(member: Membership) -> None:
    upload(member, [row(0)], looks_up=False)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [0x6D75737465720001])
            assert retrieve_now().held_up
            # A connection that ends lets go of it too, but in its own time.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [0x6D75737465720001])
    finally:
        other.close()
    with drain_lock() as held:
        assert held


def test_a_file_that_is_replaced_leaves_no_ssn(member: Membership) -> None:
    file = upload(member, [row(0)])
    assert discard_file(by=member, upload=file, now=timezone.now()) == 1
    [draft] = drafts_of(file)
    assert (draft.status, draft.ssn_sealed) == (DraftStatus.DISCARDED, None)
    assert onboard_all(member, file).outcomes["created"] == 0


def test_rows_that_waited_for_the_retention_time_are_given_up(member: Membership) -> None:
    file = upload(member, [row(0), row(1) | {"NPN": "12a"}])
    assert discard_old(now=timezone.now()) == 0
    Operation.objects.filter(pk=file.pk).update(rows_purged=True)
    assert discard_old(now=timezone.now()) == 2
    told = [(one.status, one.ssn_sealed, one.details) for one in drafts_of(file)]
    assert told == [("discarded", None, {})] * 2


def test_onboarding_takes_no_more_statements_for_more_rows(member: Membership) -> None:
    counts = []
    for numbers in (range(2), range(2, 22)):
        file = upload(member, [row(number) for number in numbers])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            onboard_all(member, file)
        counts.append(len(queries))
    assert counts[0] == counts[1]
