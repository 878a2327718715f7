"""The upload types of companies, their states and business rules: files, and what becomes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.kinds import upload_kind_named, upload_kinds_of
from muster.bulk.models import Finding, Item, Operation, OperationState, Policy
from muster.bulk.operations import start_upload
from muster.bulk.runner import run
from muster.carriers import operations
from muster.carriers.models import BusinessRule, Company, CompanyState
from muster.console.activity.sentences import tell
from muster.imports.downloads import download_results
from muster.imports.templates import write_template
from tests.bulk.uploads import codes, outcomes, process_checked
from tests.make import (
    make_business_rule,
    make_company,
    make_company_state,
    make_member,
    make_organization,
    make_producer,
)
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

KINDS = ["company", "company-state", "business-rule"]
Rows = Sequence[dict[str, str]]


@pytest.fixture
def admin() -> Membership:
    return make_member()


def file_of(rows: Rows) -> bytes:
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def check(member: Membership, kind: str, rows: Rows) -> Operation:
    operation = start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload_kind_named(kind),
        source_name="settings.csv",
        content=[file_of(rows)],
        now=timezone.now(),
        defer=False,
    )
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def upload(member: Membership, kind: str, rows: Rows, policy: Policy = Policy.GOOD_ROWS) -> Operation:
    return process_checked(check(member, kind, rows), member, policy)


def told() -> list[str]:
    """What the event log says of the things themselves."""
    events = Event.objects.exclude(kind__startswith="operation:").order_by("id")
    return [tell(event).text(event.data) for event in events]


# Companies --------------------------------------------------------------------------------------------

COMPANY = {
    "CoCode": "90101",
    "Company Name": "Northstar Life",
    "FEIN": "99-0000101",
    "LOA Categories": "Health; life",
    "Domicile": "California",
    "Address": "1 Harbor Way",
    "Create Internal Appointments": "no",
    "Assignment Required": "TRUE",
}


def test_a_row_becomes_a_company(admin: Membership) -> None:
    operation = upload(admin, "company", [COMPANY, {"CoCode": "102", "Company Name": "Granite Mutual"}])
    assert (operation.state, outcomes(operation)) == (OperationState.DONE, {2: "created", 3: "created"})
    northstar, granite = Company.objects.filter(organization=admin.organization).order_by("-cocode")
    assert (northstar.name, northstar.fein, northstar.categories) == (
        "Northstar Life",
        "990000101",
        ["life", "health"],
    )
    assert (northstar.domicile, northstar.address) == ("CA", "1 Harbor Way")
    assert (northstar.create_internal_appointments, northstar.assignment_required) == (False, True)
    assert (granite.cocode, granite.fein, granite.categories, granite.domicile) == ("00102", "", [], "")
    assert (granite.create_internal_appointments, granite.assignment_required) == (True, False)
    assert codes(operation) == [(3, "COCODE-W001")]
    assert Item.objects.get(operation=operation, row_no=2).target_id == northstar.pk


def test_what_a_row_leaves_empty_stays_and_the_same_again_changes_nothing(admin: Membership) -> None:
    upload(admin, "company", [COMPANY])
    renamed = {"CoCode": "90101", "Company Name": "Northstar", "LOA Categories": "life;health"}
    assert outcomes(upload(admin, "company", [renamed])) == {2: "updated"}
    assert outcomes(upload(admin, "company", [renamed])) == {2: "unchanged"}
    company = Company.objects.get()
    assert (company.name, company.fein, company.assignment_required) == ("Northstar", "990000101", True)
    assert told() == ["put 1 company on file: 90101", "changed 1 company: 90101"]
    changed = Event.objects.get(kind="company:change")
    assert changed.data["each"] == {"90101": {"name": {"before": "Northstar Life", "after": "Northstar"}}}
    assert changed.operation_id is not None


def test_the_company_of_another_organization_is_left_alone(admin: Membership) -> None:
    theirs = make_company(make_organization(), name="Theirs")
    assert outcomes(upload(admin, "company", [COMPANY])) == {2: "created"}
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


COMPANY_TWINS: list[tuple[str, Rows, dict[int, str], list[tuple[int, str]]]] = [
    ("the same twice is skipped", [COMPANY, COMPANY], {2: "created", 3: "duplicate"}, []),
    (
        "rows that add to each other are one company",
        [
            {"CoCode": "90101", "Company Name": "N"},
            {"CoCode": "90101", "Company Name": "N", "FEIN": "990000101"},
        ],
        {2: "created", 3: "unchanged"},
        [],
    ),
    (
        "contradicting names are an error on both",
        [COMPANY, COMPANY | {"Company Name": "Southstar"}],
        {2: "rejected", 3: "rejected"},
        [(2, "ROW-E902"), (3, "ROW-E902")],
    ),
    (
        "no says something else than yes",
        [COMPANY, COMPANY | {"Assignment Required": "no"}],
        {2: "rejected", 3: "rejected"},
        [(2, "ROW-E902"), (3, "ROW-E902")],
    ),
]


@pytest.mark.parametrize(
    ("rows", "expected", "found"),
    [case[1:] for case in COMPANY_TWINS],
    ids=[case[0] for case in COMPANY_TWINS],
)
def test_rows_about_one_company(
    admin: Membership, rows: Rows, expected: dict[int, str], found: list[tuple[int, str]]
) -> None:
    operation = upload(admin, "company", rows)
    assert outcomes(operation) == expected
    assert codes(operation) == found


def test_rows_that_add_to_each_other_are_written_together(admin: Membership) -> None:
    rows = [
        {"CoCode": "90101", "Company Name": "N", "FEIN": "990000101"},
        {"CoCode": "90101", "Company Name": "N", "Domicile": "TX"},
    ]
    upload(admin, "company", rows)
    assert Company.objects.values_list("fein", "domicile").get() == ("990000101", "TX")


# The states in which they appoint ---------------------------------------------------------------------


def state(**over: str) -> dict[str, str]:
    """A row of Company state: two states, just in time."""
    names = {"states": "State(s)", "jit": "Just In Time", "license": "Company License ID", "start": "From"}
    row = {"CoCode": "90101", "State(s)": "CA;TX", "Just In Time": "yes"}
    return row | {names.get(key, key.replace("_", " ")): text for key, text in over.items()}


def settings_of(company: Company) -> dict[str, tuple[Any, ...]]:
    return {
        one.state: (one.just_in_time, one.auto_submit, one.company_license_id, one.starts_on, one.ends_on)
        for one in company.states.order_by("state")
    }


def test_a_row_holds_for_each_of_its_states(admin: Membership) -> None:
    company = make_company(admin.organization)
    make_company_state(company, "TX", company_license_id="TX-1")
    operation = upload(admin, "company-state", [state(start="01/01/2026"), state(states="ohio", jit="")])
    assert outcomes(operation) == {2: "created", 3: "created"}
    assert settings_of(company) == {
        "CA": (True, False, "", date(2026, 1, 1), None),
        "OH": (False, False, "", None, None),
        "TX": (True, False, "TX-1", date(2026, 1, 1), None),
    }
    assert set(Item.objects.filter(operation=operation).values_list("target_id", flat=True)) == {company.pk}
    assert told() == [
        "added 2 settings of states in which companies appoint: 90101 CA, 90101 OH",
        "changed 1 setting of states in which companies appoint: 90101 TX",
    ]


def test_a_row_of_which_one_state_is_new_is_created_and_the_same_again_changes_nothing(
    admin: Membership,
) -> None:
    company = make_company(admin.organization)
    assert outcomes(upload(admin, "company-state", [state(states="CA")])) == {2: "created"}
    assert outcomes(upload(admin, "company-state", [state(jit="no")])) == {2: "created"}
    assert outcomes(upload(admin, "company-state", [state(states="TX;CA", jit="no")])) == {2: "unchanged"}
    assert outcomes(upload(admin, "company-state", [state(jit="")])) == {2: "unchanged"}
    assert [one[0] for one in settings_of(company).values()] == [False, False]


@pytest.mark.parametrize(
    ("row", "days"),
    [
        (state(states="CA"), (date(2024, 1, 1), date(2026, 12, 31))),
        (state(states="CA", start="2025-05-05"), (date(2025, 5, 5), None)),
        (state(states="CA", To="2027-05-05"), (None, date(2027, 5, 5))),
    ],
    ids=["neither is told", "only the first day", "only the last day"],
)
def test_from_and_to_belong_together(admin: Membership, row: dict[str, str], days: tuple[Any, Any]) -> None:
    company = make_company(admin.organization)
    make_company_state(company, "CA", starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31))
    upload(admin, "company-state", [row])
    assert settings_of(company)["CA"][3:] == days


STATE_ROWS: list[tuple[str, dict[str, str], list[str]]] = [
    ("a company that is not on file", state(CoCode="90199"), ["COMPANY-E001"]),
    ("no state", state(states=""), ["ROW-E001"]),
    ("a state that is none", state(states="CA;Texs"), ["STATE-E002"]),
    ("an answer that is none", state(jit="perhaps"), ["VAL-E001"]),
    ("an end before the beginning", state(start="2026-02-01", To="2026-01-31"), ["DATE-E005"]),
    ("a day that no calendar has", state(start="2026-02-30"), ["DATE-E003"]),
    ("a long license id", state(license="x" * 61), ["TEXT-E002"]),
    ("one day", state(start="2026-02-01", To="2026-02-01"), []),
]


@pytest.mark.parametrize(
    ("row", "expected"), [case[1:] for case in STATE_ROWS], ids=[case[0] for case in STATE_ROWS]
)
def test_findings_of_a_state_row(admin: Membership, row: dict[str, str], expected: list[str]) -> None:
    make_company(admin.organization)
    make_company(make_organization(), cocode="90199")
    assert [code for _, code in codes(check(admin, "company-state", [row]))] == expected


STATE_TWINS: list[tuple[str, Rows, dict[int, str], list[int]]] = [
    ("the same twice is skipped", [state(), state(states="TX;CA")], {2: "created", 3: "duplicate"}, []),
    (
        "other states are no contradiction",
        [state(), state(states="OH", jit="no")],
        {2: "created", 3: "created"},
        [],
    ),
    (
        "one state told otherwise rejects both rows",
        [state(), state(states="OH;TX", jit="no"), state(states="FL", jit="no")],
        {2: "rejected", 3: "rejected", 4: "created"},
        [2, 3],
    ),
    (
        "a blank contradicts nothing",
        [state(), state(jit="", license="X")],
        {2: "created", 3: "unchanged"},
        [],
    ),
    (
        "other days contradict, also where one end is left open",
        [state(start="2026-01-01"), state(To="2026-12-31")],
        {2: "rejected", 3: "rejected"},
        [2, 3],
    ),
]


@pytest.mark.parametrize(
    ("rows", "expected", "wrong"), [case[1:] for case in STATE_TWINS], ids=[case[0] for case in STATE_TWINS]
)
def test_rows_about_one_state(
    admin: Membership, rows: Rows, expected: dict[int, str], wrong: list[int]
) -> None:
    make_company(admin.organization)
    operation = upload(admin, "company-state", rows)
    assert outcomes(operation) == expected
    assert codes(operation) == [(row_no, "ROW-E902") for row_no in wrong]


def test_a_contradiction_names_the_state_and_the_other_row(admin: Membership) -> None:
    make_company(admin.organization)
    operation = check(admin, "company-state", [state(), state(states="OH;TX", jit="no")])
    first, second = Finding.objects.filter(operation=operation).order_by("row_no")
    assert (first.params, second.params) == ({"key": "90101 TX", "twin": 3}, {"key": "90101 TX", "twin": 2})
    assert first.field == "Just In Time"


@pytest.mark.parametrize(
    ("policy", "expected", "code"),
    [
        (Policy.GOOD_ROWS, {2: "rejected", 3: "created"}, "COMPANY-E001"),
        (Policy.ALL_OR_NOTHING, {2: "rejected", 3: None}, "ROW-E901"),
    ],
)
def test_a_company_that_is_deleted_between_check_and_process_rejects_its_rows(
    admin: Membership, policy: Policy, expected: dict[int, str | None], code: str
) -> None:
    gone, stays = make_company(admin.organization), make_company(admin.organization, cocode="90102")
    operation = check(admin, "company-state", [state(), state(CoCode="90102")])
    operations.delete_company(by=admin, company=gone)
    process_checked(operation, admin, policy)
    assert outcomes(operation) == expected
    assert codes(operation) == [(2, code)]
    assert stays.states.count() == (2 if policy == Policy.GOOD_ROWS else 0)


# Business rules ---------------------------------------------------------------------------------------


def rule(**over: str) -> dict[str, str]:
    """A row of Business rule: life in California, for producers."""
    names = {"line": "Line of Authority", "start": "From"}
    row = {
        "State": "CA",
        "Line of Authority": "Life",
        "LOA Category": "life",
        "Class Code": "9001",
        "Class Name": "Insurance Producer",
        "Line Code": "9101",
    }
    return row | {names.get(key, key.replace("_", " ")): text for key, text in over.items()}


def test_a_row_becomes_a_business_rule(admin: Membership) -> None:
    rows = [rule(), rule(line="Health", LOA_Category="health", Line_Code="", Active="no", To="2026-12-31")]
    operation = upload(admin, "business-rule", rows)
    assert outcomes(operation) == {2: "created", 3: "created"}
    life, health = BusinessRule.objects.order_by("id")
    assert (life.state, life.class_code, life.line_code, life.is_active) == ("CA", "9001", "9101", True)
    assert (health.line_code, health.is_active, health.ends_on) == ("", False, date(2026, 12, 31))
    assert list(Item.objects.order_by("row_no").values_list("target_id", flat=True)) == [life.pk, health.pk]
    assert told() == [
        "added 2 business rules: CA 9101 Life (9001 Insurance Producer), CA Health (9001 Insurance Producer)"
    ]


MEANT: list[tuple[str, dict[str, str], str]] = [
    ("the same", rule(), "updated"),
    ("in other letters", rule(line="LIFE ", Class_Name="insurance producer", Class_Code=""), "updated"),
    ("by the code of its class alone", rule(Class_Name="", Line_Code=""), "updated"),
    ("by another name of its class", rule(Class_Name="Producer"), "updated"),
    ("another class", rule(Class_Code="9002", Class_Name=""), "created"),
    ("every class", rule(Class_Code="", Class_Name=""), "created"),
    ("another code of the line", rule(Line_Code="9999"), "created"),
    ("another state", rule(State="TX"), "created"),
]


@pytest.mark.parametrize(("row", "outcome"), [case[1:] for case in MEANT], ids=[case[0] for case in MEANT])
def test_the_rule_that_a_row_means_is_found_however_it_is_spelled(
    admin: Membership, row: dict[str, str], outcome: str
) -> None:
    upload(admin, "business-rule", [rule()])
    operation = upload(admin, "business-rule", [row | {"Active": "no"}])
    assert outcomes(operation) == {2: outcome}
    assert BusinessRule.objects.count() == (1 if outcome == "updated" else 2)
    assert BusinessRule.objects.order_by("id")[0].line_name == "Life"


@pytest.mark.parametrize("rows", [[rule(Class_Code="", Class_Name="")], [rule(), rule(Class_Code="9002")]])
def test_a_line_with_and_without_a_class_is_warned_of(admin: Membership, rows: Rows) -> None:
    make_business_rule(
        admin.organization, class_code="9001", class_name="Insurance Producer", line_code="9101"
    )
    expected = ["RULE-W001"] if not rows[0]["Class Code"] else []
    assert [code for _, code in codes(check(admin, "business-rule", rows))] == expected


def test_two_spellings_in_one_file_are_one_rule(admin: Membership) -> None:
    rows = [rule(), rule(line="LIFE", Class_Name=""), rule(line="life", Active="no"), rule(Active="yes")]
    operation = check(admin, "business-rule", rows)
    assert codes(operation) == [(4, "ROW-E902"), (5, "ROW-E902")]
    process_checked(operation, admin)
    assert outcomes(operation) == {2: "created", 3: "duplicate", 4: "rejected", 5: "rejected"}


def test_what_a_rule_was_before_a_file_stays_on_record(admin: Membership) -> None:
    known = make_business_rule(admin.organization, line_name="Life", categories=["life"])
    upload(admin, "business-rule", [rule(Class_Code="", Class_Name="", Line_Code="", Active="no")])
    known.refresh_from_db()
    assert not known.is_active
    event = Event.objects.get(kind="business-rule:change")
    assert event.data == {"rules": 1, "each": {"CA Life": {"is_active": {"before": True, "after": False}}}}
    assert told() == ["changed 1 business rule: CA Life"]


RULE_ROWS: list[tuple[str, dict[str, str], list[str]]] = [
    ("no category", rule(LOA_Category=""), ["ROW-E001"]),
    ("no line", rule(line=""), ["ROW-E001"]),
    ("a category that is none", rule(LOA_Category="life;lif"), ["VAL-E002"]),
    ("an end before the beginning", rule(start="2026-02-01", To="2026-01-31"), ["DATE-E005"]),
    ("a long code", rule(Class_Code="x" * 21), ["TEXT-E002"]),
]


@pytest.mark.parametrize(
    ("row", "expected"), [case[1:] for case in RULE_ROWS], ids=[case[0] for case in RULE_ROWS]
)
def test_findings_of_a_rule_row(admin: Membership, row: dict[str, str], expected: list[str]) -> None:
    assert [code for _, code in codes(check(admin, "business-rule", [row]))] == expected


# What holds for all of them ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", list(Role))
def test_only_an_agency_admin_gets_these_types(kind: str, role: Role) -> None:
    names = [one.name for one in upload_kinds_of(make_member(role=role))]
    assert (kind in names) is (role is Role.ADMIN)


def test_only_an_agency_admin_gets_their_results(admin: Membership) -> None:
    operation = upload(admin, "company", [COMPANY])
    assert len(list(download_results(by=admin, operation=operation))) == 2
    with pytest.raises(PermissionDenied):
        download_results(by=make_member(admin.organization, Role.SPECIALIST), operation=operation)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_a_template_are_good_rows(admin: Membership, kind: str, file_format: str) -> None:
    make_company(admin.organization)
    file = BytesIO()
    write_template(upload_kind_named(kind), admin.organization_id, file, file_format=file_format)
    assert file.getvalue()
    columns = upload_kind_named(kind).columns(admin.organization_id)
    for example in upload_kind_named(kind).examples(admin.organization_id):
        assert columns.clean_row(example)[1] == []


@pytest.mark.parametrize(
    ("kind", "rows"), [("company", [COMPANY]), ("company-state", [state()]), ("business-rule", [rule()])]
)
def test_the_results_file_can_be_uploaded_as_it_is(admin: Membership, kind: str, rows: Rows) -> None:
    make_company(admin.organization, name="Northstar Life")
    operation = upload(admin, kind, rows)
    header, *lines = download_results(by=admin, operation=operation)
    again = [dict(zip(map(str, header), map(str, line), strict=True)) for line in lines]
    assert outcomes(upload(admin, kind, again)) == {2: "unchanged"}


def test_a_fein_and_a_license_id_of_nine_digits_come_back_whole(admin: Membership) -> None:
    make_company(admin.organization, name="Northstar Life")
    operation = upload(admin, "company", [COMPANY | {"FEIN": "990000101"}])
    assert "990000101" in str(list(download_results(by=admin, operation=operation)))
    operation = upload(admin, "company-state", [state(license="123456789")])
    assert "123456789" in str(list(download_results(by=admin, operation=operation)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_queries_does_not_grow_with_the_rows(admin: Membership, kind: str) -> None:
    for number in range(60):
        make_company(admin.organization, cocode=f"{92000 + number}")

    def rows(count: int) -> Rows:
        return {
            "company": [{"CoCode": f"{91000 + n}", "Company Name": f"Company {n}"} for n in range(count)],
            "company-state": [state(CoCode=f"{92000 + n}") for n in range(count)],
            "business-rule": [rule(line=f"Line {n}", Line_Code="") for n in range(count)],
        }[kind]

    numbers = []
    for count in (2, 60):
        with CaptureQueriesContext(connection) as made:
            upload(admin, kind, rows(count))
        numbers.append(len(made))
    assert numbers[0] == numbers[1]


CELLS = {
    "CoCode": st.sampled_from(["90101", "90102", "90103"]),
    "State(s)": st.sampled_from(["CA", "TX", "CA;TX", "OH;CA"]),
    "Just In Time": st.sampled_from(["", "yes", "no"]),
    "From": st.sampled_from(["", "2026-01-01"]),
    "To": st.sampled_from(["", "2025-12-31", "2026-12-31"]),
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=5))
def test_a_preview_is_what_is_then_written_and_order_makes_no_difference(
    admin: Membership, rows: list[dict[str, str]]
) -> None:
    found = []
    for told_rows in (rows, rows[::-1]):
        CompanyState.objects.all().delete()
        for cocode in ("90101", "90102"):
            company, _ = Company.objects.get_or_create(organization=admin.organization, cocode=cocode)
            make_company_state(company, "CA", just_in_time=True)
        operation = check(admin, "company-state", told_rows)
        preview = dict(operation.preview)
        if operation.state == OperationState.READY and any(
            preview.get(name) for name in ("created", "updated", "unchanged")
        ):
            process_checked(operation, admin)
            assert {name: count for name, count in operation.outcomes.items() if count} == {
                name: count for name, count in preview.items() if count
            }
        found.append(
            sorted(
                CompanyState.objects.values_list(
                    "company__cocode", "state", "just_in_time", "starts_on", "ends_on"
                ),
                key=str,
            )
        )
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("kind", "rows", "words", "link"),
    [
        ("company", [COMPANY], "Northstar Life CoCode 90101", "/companies/90101/"),
        ("company-state", [state()], "CA, TX CoCode 90101", "/companies/90101/"),
        ("business-rule", [rule()], "Life CA 9101 Life (9001 Insurance Producer)", None),
    ],
)
def test_the_results_page_names_what_each_row_was_about(
    admin: Membership, client: Client, kind: str, rows: Rows, words: str, link: str | None
) -> None:
    # Producers of the same ids must not be taken for companies.
    for _ in range(3):
        make_producer(admin.organization, last_name="Misplaced")
    make_company(admin.organization, name="Northstar Life")
    client.force_login(admin.user)
    operation = upload(admin, kind, rows)
    page = client.get(f"/imports/{operation.pk}/")
    assert words in text(page)
    assert "Misplaced" not in text(page)
    assert "Registry sync" not in text(page)
    if link:
        assert link in links(page)
    assert "daily alerts" not in text(client.get(f"/imports/{check(admin, kind, rows).pk}/"))
    for path in ("/imports/", f"/imports/new/?kind={kind}", f"/imports/template/{kind}.xlsx"):
        assert client.get(path).status_code == HTTPStatus.OK


@pytest.mark.parametrize(("role", "reads", "acts"), [(Role.ADMIN, 200, 302), (Role.SPECIALIST, 200, 403)])
def test_others_read_such_an_import_and_act_on_none(
    admin: Membership, client: Client, role: Role, reads: int, acts: int
) -> None:
    operation = check(admin, "company", [COMPANY])
    client.force_login(make_member(admin.organization, role).user)
    page = client.get(f"/imports/{operation.pk}/")
    assert page.status_code == reads
    assert ("Process 1 row" in text(page)) is (role is Role.ADMIN)
    assert ("waits for you to process it" in text(client.get("/"))) is (role is Role.ADMIN)
    for name in ("process", "cancel", "check-again"):
        assert client.post(f"/imports/{operation.pk}/{name}/").status_code == acts
        operation.refresh_from_db()
    if role is Role.SPECIALIST:
        assert client.get("/imports/new/?kind=company").status_code == HTTPStatus.FORBIDDEN
        assert client.get("/imports/template/company.csv").status_code == HTTPStatus.FORBIDDEN
        assert "kind=company" not in client.get("/imports/new/").content.decode()
        assert operation.state == OperationState.READY
