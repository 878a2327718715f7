"""What a report leaves in the database: merged, gone and back, nothing overwritten that must stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.access.models import Organization
from muster.appointments.models import Appointment
from muster.core.report import ProducerReport, merged_appointments
from muster.licenses.models import License, LineOfAuthority
from muster.producers.models import (
    Producer,
    RegistryAddress,
    RegistryContact,
    RegulatoryAction,
    SyncStatus,
)
from muster.registry import hooks
from muster.registry.hooks import StoredHook
from muster.registry.operations import Claim, claim
from muster.registry.storing import store_reports
from muster.vault import blind_index, seal, unseal
from tests.make import make_organization, make_producer
from tests.registry.reports import LIFE, REPORT, REPORTS
from tests.registry.running import queue_all

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEPT = (RegistryAddress, RegistryContact, License, LineOfAuthority, Appointment, RegulatoryAction)


def sync(
    organization: Organization,
    report: ProducerReport | Callable[[str], ProducerReport],
    *,
    now: datetime = NOON,
) -> list[Claim]:
    """Have every producer of the organization synced with a report."""
    queue_all(organization, now=now)
    claims = claim(limit=1000, now=now)
    return store_reports(
        reports=[(one, report(one.npn) if callable(report) else report) for one in claims], now=now
    )


def everything(
    *, but: Sequence[str] = ("id", "license_id", "first_seen_at", "updated_at", "created_at")
) -> list[Any]:
    """All that the sync has written, without what differs from run to run."""
    rows: list[Any] = []
    for model in (Producer, *KEPT):
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in but]
        rows += [
            (model.__name__, *map(str, row)) for row in model._default_manager.order_by().values_list(*names)
        ]
    return sorted(rows)


@pytest.fixture
def producer() -> Producer:
    return make_producer(make_organization(), npn="4711", first_name="Maeve", last_name="O'Hara")


def test_a_report_is_stored_whole(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    producer.refresh_from_db()
    assert producer.sync_status == SyncStatus.SUCCESS
    assert (producer.synced_at, producer.sync_next_at, producer.sync_claimed_at) == (NOON, None, None)
    assert producer.born_on == date(1980, 2, 29)
    assert producer.other_names == [{"state": "TX", "kind": "Alias", "name": "May O'Hara"}]
    assert producer.license_states == ["OK", "TX"]
    for model, records in (
        (RegistryAddress, REPORT.addresses),
        (RegistryContact, REPORT.contacts),
        (Appointment, REPORT.appointments),
        (RegulatoryAction, REPORT.regulatory_actions),
    ):
        kept = model._default_manager.filter(producer=producer, organization=producer.organization)
        assert {record._replace() for record in records} == {
            type(records[0])(*row) for row in kept.values_list(*records[0]._fields)
        }
    for license in REPORT.licenses:
        kept_license = License.objects.get(producer=producer, state=license.state, number=license.number)
        assert [getattr(kept_license, name) for name in license._fields[:-1]] == list(license[:-1])
        lines = kept_license.lines.order_by("code").values_list(*LIFE._fields)
        assert tuple(lines) == license.lines


def test_no_licenses_is_a_success_of_its_own(producer: Producer) -> None:
    sync(producer.organization, REPORT._replace(licenses=()))
    producer.refresh_from_db()
    assert producer.get_sync_status_display() == "Success - No Licenses"


def expired(report: ProducerReport) -> ProducerReport:
    first, *others = report.licenses
    return report._replace(licenses=(first._replace(is_active=False), *others))


def line_changed(report: ProducerReport) -> ProducerReport:
    first, *others = report.licenses
    lines = tuple(line._replace(status="Inactive") for line in first.lines)
    return report._replace(licenses=(first._replace(lines=lines), *others))


@pytest.mark.parametrize(
    "change",
    [
        expired,
        line_changed,
        lambda report: report._replace(licenses=report.licenses[1:]),
        lambda report: report._replace(appointments=report.appointments[1:]),
        lambda report: report._replace(regulatory_actions=()),
    ],
    ids=["license", "line", "license gone", "appointment gone", "action gone"],
)
def test_those_who_wait_for_news_are_told_of_whoever_differs(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[ProducerReport], ProducerReport]
) -> None:
    told: list[Sequence[int]] = []
    monkeypatch.setattr("muster.registry.hooks._on_stored", [lambda ids, today, now: told.append(ids)])
    organization = make_organization()
    changing, same = (make_producer(organization, npn=npn) for npn in ("4711", "4712"))
    sync(organization, REPORT)
    sync(organization, REPORT)
    sync(organization, lambda npn: change(REPORT) if npn == changing.npn else REPORT)
    assert told == [sorted([changing.pk, same.pk]), [changing.pk]]


def test_syncing_twice_leaves_the_same_database(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    before = everything()
    sync(producer.organization, REPORT)
    assert everything() == before


def test_what_has_not_changed_is_not_written_again(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    before = versions()
    sync(producer.organization, REPORT, now=NOON + timedelta(days=1))
    assert versions() == before


def versions() -> list[tuple[Any, ...]]:
    """Each row's physical version, which every write changes, and every lock too."""
    physical = {name: RawSQL(f"{name}::text", ()) for name in ("ctid", "xmin", "xmax")}  # noqa: S611
    return [
        (model.__name__, *row)
        for model in KEPT
        for row in model._default_manager.annotate(**physical).order_by("id").values_list("id", *physical)
    ]


def test_what_is_no_longer_listed_is_gone_and_comes_back(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    ids = [set(model._default_manager.values_list("id", flat=True)) for model in KEPT]
    sync(producer.organization, ProducerReport(npn="4711", last_name="O'Hara"), now=NOON + timedelta(days=1))
    for model in KEPT:
        assert set(model._default_manager.values_list("gone_at", flat=True)) == {NOON + timedelta(days=1)}
    sync(producer.organization, REPORT, now=NOON + timedelta(days=2))
    for model, before in zip(KEPT, ids, strict=True):
        assert set(model._default_manager.values_list("gone_at", flat=True)) == {None}
        assert set(model._default_manager.values_list("id", flat=True)) == before


def test_only_what_is_missing_is_gone_and_stays_gone_since_then(producer: Producer) -> None:
    [oklahoma, texas] = REPORT.licenses
    shorter = REPORT._replace(licenses=(texas._replace(lines=(LIFE,)),))
    sync(producer.organization, REPORT)
    sync(producer.organization, shorter, now=NOON + timedelta(days=1))
    sync(producer.organization, shorter, now=NOON + timedelta(days=2))
    gone = NOON + timedelta(days=1)
    assert dict(License.objects.values_list("state", "gone_at")) == {"OK": gone, "TX": None}
    assert set(LineOfAuthority.objects.values_list("license__state", "name", "gone_at")) == {
        ("OK", "Life", gone),
        ("TX", "Life", None),
        ("TX", "Health", gone),
    }
    assert oklahoma.state == "OK"


def test_a_change_is_taken_over(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    [oklahoma, texas] = REPORT.licenses
    changed = texas._replace(is_active=False, expires_on=date(2026, 1, 1))
    sync(producer.organization, REPORT._replace(licenses=(oklahoma, changed)))
    kept = License.objects.get(state="TX")
    assert (kept.is_active, kept.expires_on) == (False, date(2026, 1, 1))
    assert License.objects.count() == 2


APPOINTMENT = REPORT.appointments[1]

# what the registry tells, sync after sync: status and its date -> the first effective date on record
EFFECTIVE = [
    ([("Appointed", date(2018, 1, 2))], date(2018, 1, 2)),
    # Some states send the date of the renewal in its place.
    ([("Appointed", date(2018, 1, 2)), ("Appointed", date(2024, 1, 2))], date(2018, 1, 2)),
    ([("Appointed", date(2018, 1, 2)), ("Appointed", date(2016, 1, 2))], date(2018, 1, 2)),
    ([("Appointed", date(2018, 1, 2)), ("Terminated", date(2020, 1, 2))], date(2018, 1, 2)),
    ([("Terminated", date(2020, 1, 2))], None),
    ([("Terminated", date(2020, 1, 2)), ("Appointed", date(2021, 1, 2))], date(2021, 1, 2)),
    ([("Appointed", None), ("Appointed", date(2021, 1, 2))], date(2021, 1, 2)),
    ([("Appointed", date(2018, 1, 2)), None, ("Appointed", date(2025, 1, 2))], date(2018, 1, 2)),
]


@pytest.mark.parametrize(("told", "first"), EFFECTIVE)
def test_the_first_effective_date_is_never_overwritten(
    producer: Producer, told: list[tuple[str, date | None] | None], first: date | None
) -> None:
    for one in told:
        told_now = () if one is None else (APPOINTMENT._replace(status=one[0], status_on=one[1]),)
        sync(producer.organization, REPORT._replace(appointments=merged_appointments(told_now)))
    kept = Appointment.objects.get()
    assert kept.first_effective_on == first
    assert told[-1] is not None
    assert (kept.status, kept.status_on) == told[-1]


def test_a_first_effective_date_that_is_told_at_last_is_taken(producer: Producer) -> None:
    ended = APPOINTMENT._replace(status="Terminated", status_on=date(2020, 1, 2))
    for told in ([ended], [ended, APPOINTMENT]):
        sync(producer.organization, REPORT._replace(appointments=merged_appointments(told)))
    kept = Appointment.objects.get()
    assert (kept.status, kept.first_effective_on) == ("Terminated", APPOINTMENT.status_on)


# in the file (first, last), in the registry -> on record, from the file, and whether they differ
NAMES = [
    (("MAEVE", "ohara"), ("Maeve", "O'Hara"), ("Maeve", "O'Hara"), False),
    (("May", "O'Hara"), ("Maeve", "O'Hara"), ("Maeve", "O'Hara"), True),
    (("Maeve", "O'Hara"), ("", ""), ("Maeve", "O'Hara"), False),
]


@pytest.mark.parametrize(("in_file", "told", "on_record", "differs"), NAMES)
def test_the_registrys_name_wins_and_the_files_is_kept(
    in_file: tuple[str, str], told: tuple[str, str], on_record: tuple[str, str], differs: bool
) -> None:
    producer = make_producer(make_organization(), npn="4711", first_name=in_file[0], last_name=in_file[1])
    for _ in range(2):
        sync(producer.organization, REPORT._replace(first_name=told[0], last_name=told[1]))
        producer.refresh_from_db()
        assert (producer.first_name, producer.last_name) == on_record
        assert (producer.file_first_name, producer.file_last_name) == in_file
        assert producer.name_differs is differs


def test_a_firm_becomes_one(producer: Producer) -> None:
    sync(producer.organization, ProducerReport(npn="4711", kind="firm", last_name="Cedar LLC"))
    producer.refresh_from_db()
    assert (producer.kind, producer.first_name, producer.last_name) == ("firm", "", "Cedar LLC")


def test_an_ssn_that_we_lack_is_sealed(producer: Producer) -> None:
    sync(producer.organization, REPORT)
    producer.refresh_from_db()
    assert producer.ssn_sealed is not None
    assert unseal(producer.ssn_sealed) == "123456789"
    assert (producer.ssn_last4, producer.ssn_index) == ("6789", blind_index("123456789"))


def test_an_ssn_on_record_is_kept() -> None:
    sealed = seal("078051120")
    producer = make_producer(
        make_organization(),
        npn="4711",
        ssn_sealed=sealed,
        ssn_last4="1120",
        ssn_index=blind_index("078051120"),
    )
    sync(producer.organization, REPORT)
    producer.refresh_from_db()
    assert (producer.ssn_sealed, producer.ssn_last4) == (sealed, "1120")


def test_notes_are_those_of_the_last_sync(producer: Producer) -> None:
    sync(producer.organization, REPORT._replace(notes=("ZZ is no state we know: left out.",)))
    producer.refresh_from_db()
    assert producer.sync_notes == ["ZZ is no state we know: left out."]
    sync(producer.organization, REPORT)
    producer.refresh_from_db()
    assert producer.sync_notes == []


def test_an_answer_to_an_older_claim_is_dropped(producer: Producer) -> None:
    queue_all(producer.organization, now=NOON)
    [late] = claim(limit=1, now=NOON)
    Producer.objects.update(sync_status=SyncStatus.QUEUED, sync_claimed_at=None)
    [again] = claim(limit=1, now=NOON + timedelta(seconds=1))
    assert store_reports(reports=[(late, REPORT)], now=NOON) == []
    producer.refresh_from_db()
    assert producer.sync_status == SyncStatus.PROCESSING
    assert not License.objects.exists()
    store_reports(reports=[(again, REPORT)], now=NOON)
    assert License.objects.count() == 2


def test_two_organizations_have_their_own_records_of_one_producer() -> None:
    one, other = make_organization(), make_organization()
    for organization in (one, other):
        make_producer(organization, npn="4711")
    sync(one, REPORT)
    assert set(License.objects.values_list("organization_id", flat=True)) == {one.pk}
    sync(other, REPORT)
    assert License.objects.filter(organization=other).count() == len(REPORT.licenses)


UNSTORABLE = {
    "a value that is too long": REPORT._replace(licenses=(REPORT.licenses[0]._replace(state="TEXAS"),)),
    "a record that stands twice": REPORT._replace(contacts=(REPORT.contacts[0], REPORT.contacts[0])),
}


@pytest.mark.parametrize("unstorable", UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_report_that_the_database_refuses_stands_alone(unstorable: ProducerReport) -> None:
    organization = make_organization()
    for number in range(11):
        make_producer(organization, npn=str(100 + number))
    refused = sync(organization, lambda npn: unstorable if npn in ("103", "110") else REPORT)
    assert {one.npn for one in refused} == {"103", "110"}
    assert Producer.objects.filter(sync_status=SyncStatus.SUCCESS).count() == 9
    assert License.objects.count() == 18


@pytest.fixture
def judging(monkeypatch: pytest.MonkeyPatch) -> list[StoredHook]:
    """Those who hang on to stored reports, for this test alone."""
    hung: list[StoredHook] = []
    monkeypatch.setattr(hooks, "_on_stored", hung)
    return hung


def test_a_report_that_we_fail_on_stands_alone_and_is_told_without_its_words(
    judging: list[StoredHook], caplog: pytest.LogCaptureFixture
) -> None:
    organization = make_organization()
    made = [make_producer(organization, npn=str(100 + number)) for number in range(11)]

    def fail(producer_ids: Sequence[int], today: date, now: datetime) -> None:
        if made[3].pk in producer_ids:
            raise ZeroDivisionError("Jane Doe")

    judging.append(fail)
    assert [one.npn for one in sync(organization, REPORT)] == ["103"]
    assert Producer.objects.filter(sync_status=SyncStatus.SUCCESS).count() == 10
    assert not License.objects.filter(producer=made[3]).exists()
    line = caplog.messages[-1]
    assert line.startswith(
        f"The report of producer {made[3].pk} cannot be stored: ZeroDivisionError in fail "
    )


def test_a_lost_connection_is_no_reports_fault(judging: list[StoredHook]) -> None:
    organization = make_organization()
    make_producer(organization, npn="100")

    def lose(*_: Any) -> None:
        raise OperationalError("the connection is lost")

    judging.append(lose)
    with pytest.raises(OperationalError):
        sync(organization, REPORT)


FAR = {
    "an appointment that ends on the last day there is": REPORT._replace(
        appointments=(REPORT.appointments[0]._replace(status="Terminated", status_on=date.max),)
    ),
    "an action on the last day there is": REPORT._replace(
        regulatory_actions=(REPORT.regulatory_actions[0]._replace(entered_on=date.max),)
    ),
    "days before all others": REPORT._replace(
        appointments=(REPORT.appointments[0]._replace(status="Terminated", status_on=date.min),),
        regulatory_actions=(REPORT.regulatory_actions[0]._replace(entered_on=date.min),),
    ),
}


@pytest.mark.parametrize("far", FAR.values(), ids=FAR)
def test_a_far_day_is_a_day(far: ProducerReport) -> None:
    organization = make_organization()
    make_producer(organization, npn="100")
    assert sync(organization, far) == []
    assert Producer.objects.get().sync_status == SyncStatus.SUCCESS


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size() -> None:
    counts = []
    for size in (1, 30):
        organization = make_organization()
        for _ in range(size):
            make_producer(organization)
        queue_all(organization, now=NOON)
        claims = claim(limit=1000, now=NOON)
        with CaptureQueriesContext(connection) as queries:
            store_reports(reports=[(one, REPORT) for one in claims], now=NOON)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_order_in_which_answers_come_makes_no_difference() -> None:
    seen = []
    for order in permutations(range(3)):
        organization = make_organization(name="Same", slug="same")
        for number in range(3):
            make_producer(organization, npn=str(100 + number), last_name="Alder")
        queue_all(organization, now=NOON)
        claims = {one.npn: one for one in claim(limit=1000, now=NOON)}
        for number in order:
            report = REPORT._replace(first_name=f"Ada {number}", licenses=REPORT.licenses[: number + 1])
            store_reports(reports=[(claims[str(100 + number)], report)], now=NOON)
        seen.append(
            everything(
                but=(
                    "id",
                    "license_id",
                    "first_seen_at",
                    "updated_at",
                    "created_at",
                    "organization_id",
                    "producer_id",
                    "ssn_sealed",
                )
            )
        )
        organization.delete()
    assert all(one == seen[0] for one in seen)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=st.lists(REPORTS, min_size=1, max_size=3))
def test_any_reports_can_follow_each_other_and_the_last_one_is_what_is_listed(
    reports: list[ProducerReport],
) -> None:
    organization = make_organization()
    producer = make_producer(organization)
    for report in [*reports, reports[-1]]:
        assert sync(organization, report) == []
    last = reports[-1]
    kept = {"producer": producer, "gone_at": None}
    assert License.objects.filter(**kept).count() == len(last.licenses)
    assert LineOfAuthority.objects.filter(license__producer=producer, gone_at=None).count() == sum(
        len(license.lines) for license in last.licenses
    )
    assert Appointment.objects.filter(**kept).count() == len(last.appointments)
    assert RegistryAddress.objects.filter(**kept).count() == len(last.addresses)
    assert RegistryContact.objects.filter(**kept).count() == len(last.contacts)
    assert RegulatoryAction.objects.filter(**kept).count() == len(last.regulatory_actions)
