"""Writing carriers and settings: what is kept, what is refused and why, what is on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.carriers import operations
from muster.carriers.keeping import CannotKeep
from muster.carriers.models import BusinessRule, Company, CompanyState, FilingSettings
from muster.carriers.queries import (
    RuleSelection,
    company_page,
    filing_settings_of,
    matching_rules,
    rule_page,
    states_without_rules,
)
from muster.cli import demo
from muster.console.activity.sentences import tell
from muster.core.lines import known_lines
from tests.make import (
    make_appointment,
    make_business_rule,
    make_company,
    make_company_state,
    make_member,
    make_organization,
    make_producer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Membership:
    return make_member()


def told() -> list[str]:
    """What the event log says, in the order in which it was done."""
    return [tell(event).text(event.data) for event in Event.objects.order_by("id")]


COMPANY = {
    "cocode": "90101",
    "name": " Northstar  Life ",
    "fein": "99-0000101",
    "categories": "health; life",
    "domicile": "ohio",
}


def test_a_company_is_kept_as_a_file_would_keep_it(admin: Membership) -> None:
    company = operations.create_company(by=admin, told=COMPANY)
    company.refresh_from_db()
    assert (company.name, company.fein, company.domicile) == ("Northstar Life", "990000101", "OH")
    assert company.categories == ["life", "health"]
    assert (company.create_internal_appointments, company.assignment_required) == (True, False)
    assert told() == ["put the company Northstar Life (CoCode 90101) on file"]


REFUSED_COMPANIES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "nothing told",
        {},
        {
            "cocode": "CoCode is empty. Fill in CoCode.",
            "name": "Company Name is empty. Fill in Company Name.",
        },
    ),
    ("no CoCode", COMPANY | {"cocode": "9x"}, {"cocode": "“9x” is not a CoCode."}),
    ("no FEIN", COMPANY | {"fein": "12"}, {"fein": "“12” is not a Federal Employer"}),
    ("a long name", COMPANY | {"name": "x" * 201}, {"name": "Company Name has 201 characters"}),
    ("an unknown category", COMPANY | {"categories": "lif"}, {"categories": "“lif” is not an accepted"}),
    ("an unknown state", COMPANY | {"domicile": "Ohoi"}, {"domicile": "Did you mean OH?"}),
    ("no answer", COMPANY | {"assignment_required": "perhaps"}, {"assignment_required": "“perhaps” is not"}),
]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [case[1:] for case in REFUSED_COMPANIES],
    ids=[case[0] for case in REFUSED_COMPANIES],
)
def test_what_is_wrong_with_a_company_is_told_by_field(
    admin: Membership, facts: dict[str, str], expected: dict[str, str]
) -> None:
    with pytest.raises(CannotKeep) as refused:
        operations.create_company(by=admin, told=facts)
    assert refused.value.reasons.keys() == expected.keys()
    for key, words in expected.items():
        assert words in refused.value.reasons[key][0]
    assert not Company.objects.exists()


def test_a_cocode_is_that_of_one_company_an_organization(admin: Membership) -> None:
    make_company(make_organization())
    operations.create_company(by=admin, told=COMPANY)
    with pytest.raises(CannotKeep, match="CoCode 90101 is that of Northstar Life, which is on file already"):
        operations.create_company(by=admin, told=COMPANY | {"cocode": "090101"[1:]})


def test_changing_a_company_leaves_what_is_not_told_and_empties_what_is_blank(admin: Membership) -> None:
    company = operations.create_company(by=admin, told=COMPANY)
    change = {"fein": "", "domicile": "TX", "create_internal_appointments": "no", "cocode": "90999"}
    assert operations.change_company(by=admin, company=company, told=change)
    company.refresh_from_db()
    assert (company.cocode, company.name, company.fein) == ("90101", "Northstar Life", "")
    assert (company.domicile, company.create_internal_appointments) == ("TX", False)
    assert told()[1:] == [
        "changed the company Northstar Life (CoCode 90101): FEIN: none (was 990000101); "
        "Domicile: TX (was OH); Create Internal Appointments: no (was yes)"
    ]
    assert not operations.change_company(by=admin, company=company, told=change)
    assert Event.objects.count() == 2


def test_the_same_categories_in_another_order_are_no_change(admin: Membership) -> None:
    company = operations.create_company(by=admin, told=COMPANY)
    assert not operations.change_company(by=admin, company=company, told={"categories": "life;health"})
    assert operations.change_company(by=admin, company=company, told={"categories": ""})
    assert told()[1].endswith("LOA Categories: none (was Life, Health)")


def test_a_company_that_was_deleted_meanwhile_is_not_changed(admin: Membership) -> None:
    company = make_company(admin.organization)
    Company.objects.all().delete()
    for act in (
        lambda: operations.change_company(by=admin, company=company, told={"fein": ""}),
        lambda: operations.set_states(by=admin, company=company, told={"CA": {}}),
        lambda: operations.delete_company(by=admin, company=company),
    ):
        with pytest.raises(CannotKeep, match="has been deleted meanwhile"):
            act()
    assert not Event.objects.exists()


def test_a_deleted_company_leaves_its_appointments_and_what_it_was(admin: Membership) -> None:
    company = make_company(admin.organization, fein="990000101")
    make_company_state(company, "TX", just_in_time=True)
    make_appointment(make_producer(admin.organization), cocode=company.cocode)
    operations.delete_company(by=admin, company=company)
    assert (Company.objects.count(), CompanyState.objects.count()) == (0, 0)
    assert admin.organization.companies.count() == 0
    [event] = Event.objects.all()
    assert (event.kind, event.subject) == ("company:delete", "company:90101")
    assert event.data["was"]["fein"] == "990000101"
    assert event.data["states"]["TX"]["just_in_time"] is True
    assert told() == ["deleted the company Northstar Life Insurance Company (CoCode 90101)"]


# The states in which it appoints ----------------------------------------------------------------------


def test_states_are_added_changed_and_removed_at_once(admin: Membership) -> None:
    company = make_company(admin.organization)
    for state in ("CA", "OH", "TX"):
        make_company_state(company, state, company_license_id=f"{state}-1")
    done = operations.set_states(
        by=admin,
        company=company,
        told={
            "FL": {"just_in_time": "yes", "starts_on": "2026-01-01"},
            "CA": {"just_in_time": "yes", "company_license_id": "", "ends_on": "12/31/2027"},
            "OH": {"just_in_time": "no"},
            "TX": {"just_in_time": "yes"},
        },
        remove=["TX", "NV"],
    )
    assert (done.added, done.changed, done.removed) == (["FL"], ["CA"], ["TX"])
    now = {one.state: one for one in company.states.all()}
    assert sorted(now) == ["CA", "FL", "OH"]
    assert (now["FL"].just_in_time, now["FL"].starts_on, now["FL"].auto_submit) == (
        True,
        date(2026, 1, 1),
        False,
    )
    assert (now["CA"].company_license_id, now["CA"].ends_on) == ("", date(2027, 12, 31))
    assert now["OH"].company_license_id == "OH-1"
    assert told() == [
        "set where Northstar Life Insurance Company (CoCode 90101) appoints: added Florida; California: "
        "Just In Time: yes (was no), Company License ID: none (was CA-1), To: 2027-12-31 (was none)",
        "took Texas off the states in which Northstar Life Insurance Company (CoCode 90101) appoints",
    ]
    assert not operations.set_states(by=admin, company=company, told={"OH": {"just_in_time": "no"}})
    assert Event.objects.count() == 2


def test_a_wrong_setting_is_told_by_state_and_nothing_is_written(admin: Membership) -> None:
    company = make_company(admin.organization)
    make_company_state(company, "CA", starts_on=date(2026, 5, 1))
    with pytest.raises(CannotKeep) as refused:
        operations.set_states(
            by=admin,
            company=company,
            told={
                "AL": {},
                "CA": {"ends_on": "2026-04-30"},
                "OH": {"starts_on": "soon"},
                "XX": {},
            },
        )
    assert refused.value.reasons == {
        "CA-starts_on": [
            "From is 2026-05-01, which is after To, 2026-04-30. "
            "Put the earlier day into From, or leave To empty where there is no end."
        ],
        "OH-starts_on": ["“soon” in From is not a date. Write the date as YYYY-MM-DD or MM/DD/YYYY."],
        "XX-state": ["“XX” is not a state. Choose one of the list."],
    }
    assert CompanyState.objects.count() == 1


def test_a_state_without_an_active_rule_for_what_is_sold_is_named(admin: Membership) -> None:
    company = make_company(admin.organization, categories=["life"])
    make_business_rule(admin.organization, "CA")
    make_business_rule(admin.organization, "TX", is_active=False)
    make_business_rule(admin.organization, "OH", categories=["health"])
    make_business_rule(make_organization(), "FL")
    assert states_without_rules(company, ["CA", "FL", "OH", "TX"]) == ["FL", "OH", "TX"]


# Business rules ---------------------------------------------------------------------------------------

RULE = {"state": "ca", "line_name": "Life", "categories": "life", "class_code": "9001"}


def test_a_business_rule_is_kept_active_unless_told_otherwise(admin: Membership) -> None:
    rule = operations.create_rule(by=admin, told=RULE)
    rule.refresh_from_db()
    assert (rule.state, rule.line_name, rule.class_code, rule.is_active) == ("CA", "Life", "9001", True)
    assert operations.create_rule(by=admin, told=RULE | {"class_code": "", "is_active": "no"}).pk != rule.pk
    assert told()[0] == "added the business rule Life (9001) in California"


@pytest.mark.parametrize(
    ("over", "field", "words"),
    [
        ({"categories": ""}, "categories", "LOA Category is empty."),
        ({"line_name": "LIFE"}, "line_name", "There is a rule for CA Life in this class already."),
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "starts_on", "which is after To, 2026-01-01"),
    ],
)
def test_what_is_wrong_with_a_business_rule_is_told_by_field(
    admin: Membership, over: dict[str, str], field: str, words: str
) -> None:
    operations.create_rule(by=admin, told=RULE)
    with pytest.raises(CannotKeep) as refused:
        operations.create_rule(by=admin, told=RULE | over)
    assert list(refused.value.reasons) == [field]
    assert words in refused.value.reasons[field][0]


def test_a_business_rule_is_changed_on_record_and_never_into_one_that_there_is(admin: Membership) -> None:
    life = operations.create_rule(by=admin, told=RULE)
    health = operations.create_rule(by=admin, told=RULE | {"line_name": "Health", "categories": "health"})
    assert operations.change_rule(by=admin, rule=health, told={"ends_on": "2026-12-31", "class_code": "9001"})
    assert not operations.change_rule(by=admin, rule=health, told={"ends_on": "2026-12-31"})
    assert told()[2:] == ["changed the business rule Health (9001) in California: To: 2026-12-31 (was none)"]
    with pytest.raises(CannotKeep, match="There is a rule for CA Life"):
        operations.change_rule(by=admin, rule=health, told={"line_name": "life"})
    operations.delete_rule(by=admin, rule=life)
    operations.delete_rule(by=admin, rule=life)
    assert told()[3:] == ["deleted the business rule Life (9001) in California"]
    assert Event.objects.get(kind="business-rule:delete").data["was"]["categories"] == ["life"]
    with pytest.raises(CannotKeep, match="has been deleted meanwhile"):
        operations.change_rule(by=admin, rule=life, told={"ends_on": ""})


def test_a_rule_for_every_class_and_one_for_a_single_class_are_not_active_both(admin: Membership) -> None:
    single = operations.create_rule(by=admin, told=RULE)
    with pytest.raises(CannotKeep, match="CA Life has an active rule for 9001"):
        operations.create_rule(by=admin, told=RULE | {"class_code": "", "line_name": "LIFE"})
    every = operations.create_rule(by=admin, told=RULE | {"class_code": "", "is_active": "no"})
    with pytest.raises(CannotKeep, match="for 9001"):
        operations.change_rule(by=admin, rule=every, told={"is_active": "yes"})
    operations.change_rule(by=admin, rule=single, told={"is_active": "no"})
    operations.change_rule(by=admin, rule=every, told={"is_active": "yes"})
    with pytest.raises(CannotKeep, match="CA Life has an active rule for every class"):
        operations.change_rule(by=admin, rule=single, told={"is_active": "yes"})
    operations.create_rule(by=admin, told=RULE | {"line_name": "Health"})
    operations.create_rule(by=admin, told=RULE | {"state": "TX"})


def test_rules_are_switched_together_with_one_event_and_only_those_that_are_not_so(admin: Membership) -> None:
    for number in range(7):
        make_business_rule(admin.organization, line_name=f"Line {number}", is_active=number == 0)
    theirs = make_business_rule(make_organization(), is_active=False)
    rules = matching_rules(admin, RuleSelection(state="CA"))
    assert operations.switch_rules(by=admin, rules=rules, active=True) == 6
    assert operations.switch_rules(by=admin, rules=rules, active=True) == 0
    assert told() == [
        "made 6 business rules active: CA Line 1, CA Line 2, CA Line 3, CA Line 4, CA Line 5 and 1 more"
    ]
    theirs.refresh_from_db()
    assert not theirs.is_active


def test_the_starting_set_has_every_line_and_the_general_class_active(admin: Membership) -> None:
    assert operations.add_starting_rules(admin) == len(known_lines())
    rules = BusinessRule.objects.filter(organization=admin.organization)
    general = sum(line.is_general for line in known_lines())
    assert rules.filter(is_active=True).count() == general
    assert not rules.filter(is_active=True, categories__overlap=["adjuster"]).exists()
    assert told()[0].startswith(f"added {len(known_lines()):,} business rules in Alaska, Alabama, ")


def test_californias_life_and_health_are_the_four_lines(admin: Membership) -> None:
    operations.add_starting_rules(admin, ["CA"])
    rules = BusinessRule.objects.filter(state="CA", is_active=True, categories__overlap=["life", "health"])
    assert set(rules.values_list("line_name", flat=True)) == {
        "Life",
        "Accident & Health or Sickness (including Disability)",
        "Health and Sickness (excluding Disability)",
        "Part-Time Fraternal",
    }
    assert rules.get(line_name="Part-Time Fraternal").categories == ["life", "fraternal"]
    assert set(BusinessRule.objects.values_list("state", flat=True)) == {"CA"}


def test_the_starting_set_adds_only_what_is_missing_and_leaves_what_was_changed(admin: Membership) -> None:
    operations.add_starting_rules(admin, ["CA"])
    life = BusinessRule.objects.get(line_name="Life")
    BusinessRule.objects.filter(pk=life.pk).update(line_name="LIFE", is_active=False)
    BusinessRule.objects.get(line_name="Property").delete()
    assert operations.add_starting_rules(admin, ["CA"]) == 1
    assert operations.add_starting_rules(admin, ["CA"]) == 0
    life.refresh_from_db()
    assert not life.is_active
    assert Event.objects.count() == 2


def test_the_starting_set_does_not_double_a_line_that_is_sold_in_every_class(admin: Membership) -> None:
    operations.create_rule(by=admin, told=RULE | {"class_code": "", "line_name": "LIFE"})
    operations.add_starting_rules(admin, ["CA"])
    assert not BusinessRule.objects.get(line_name="Life").is_active
    assert BusinessRule.objects.get(line_name="Property").is_active


def test_the_demo_has_rules_for_every_state_in_which_its_companies_appoint(admin: Membership) -> None:
    demo.add_settings(admin)
    for company in Company.objects.all():
        assert states_without_rules(company, [one.state for one in company.states.all()]) == []
    assert filing_settings_of(admin.organization_id).registry_fee == 153


# How the organization files ---------------------------------------------------------------------------


def test_settings_of_filing_are_kept_in_cents_and_a_blank_is_none(admin: Membership) -> None:
    change = {
        "two_person_release": "yes",
        "auto_submit_bulk_appointments": "no",
        "most_filings": "1,000",
        "most_fees": "$2,500.50",
        "registry_fee": "1.53",
    }
    assert operations.change_filing_settings(by=admin, told=change)
    kept = filing_settings_of(admin.organization_id)
    assert (kept.most_filings, kept.most_fees, kept.registry_fee) == (1000, 250_050, 153)
    assert kept.two_person_release
    assert not operations.change_filing_settings(by=admin, told=change)
    assert operations.change_filing_settings(by=admin, told={"registry_fee": "", "most_filings": ""})
    kept = filing_settings_of(admin.organization_id)
    assert (kept.most_filings, kept.most_fees, kept.registry_fee) == (None, 250_050, None)
    assert told() == [
        "changed how filings are made: Two-person release: yes (was no); Filings at once: 1,000 (was none); "
        "Fees at once: $2,500.50 (was none); Registry fee: $1.53 (was unknown)",
        "changed how filings are made: Filings at once: none (was 1,000); Registry fee: unknown (was $1.53)",
    ]


def test_a_fee_of_nothing_is_not_the_same_as_an_unknown_one(admin: Membership) -> None:
    operations.change_filing_settings(by=admin, told={"registry_fee": "0"})
    assert filing_settings_of(admin.organization_id).registry_fee == 0


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("most_filings", "0", "is not a whole number from 1"),
        ("most_fees", "0", "A limit of $0.00 lets nothing through."),
        ("most_fees", "some", "is not an amount of dollars"),
        ("registry_fee", "-1", "is not an amount of dollars"),
        ("registry_fee", "30,000,000", "is more than $20,000,000.00"),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_by_field(
    admin: Membership, field: str, text: str, words: str
) -> None:
    with pytest.raises(CannotKeep) as refused:
        operations.change_filing_settings(by=admin, told={field: text})
    assert words in refused.value.reasons[field][0]
    assert not FilingSettings.objects.exists()


# Who may, and what they see ---------------------------------------------------------------------------


ACTS: list[tuple[str, Callable[[Membership, Company, BusinessRule], Any]]] = [
    ("create a company", lambda by, _, __: operations.create_company(by=by, told=COMPANY)),
    ("change a company", lambda by, company, _: operations.change_company(by=by, company=company, told={})),
    ("delete a company", lambda by, company, _: operations.delete_company(by=by, company=company)),
    ("set states", lambda by, company, _: operations.set_states(by=by, company=company, told={"CA": {}})),
    ("create a rule", lambda by, _, __: operations.create_rule(by=by, told=RULE)),
    ("change a rule", lambda by, _, rule: operations.change_rule(by=by, rule=rule, told={})),
    ("delete a rule", lambda by, _, rule: operations.delete_rule(by=by, rule=rule)),
    (
        "switch rules",
        lambda by, _, __: operations.switch_rules(by=by, rules=BusinessRule.objects.all(), active=False),
    ),
    ("add the starting set", lambda by, _, __: operations.add_starting_rules(by)),
    ("change the settings", lambda by, _, __: operations.change_filing_settings(by=by, told={})),
]


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER, Role.PRODUCER])
@pytest.mark.parametrize("act", [act for _, act in ACTS], ids=[name for name, _ in ACTS])
def test_only_an_agency_admin_may(role: Role, act: Callable[..., Any]) -> None:
    member = make_member(role=role)
    company, rule = make_company(member.organization), make_business_rule(member.organization)
    with pytest.raises(PermissionDenied):
        act(member, company, rule)
    assert not Event.objects.exists()


def test_an_admin_of_another_organization_reaches_nothing(admin: Membership) -> None:
    company, rule = make_company(make_organization()), make_business_rule(make_organization())
    with pytest.raises(CannotKeep):
        operations.change_company(by=admin, company=company, told={"name": "Mine"})
    with pytest.raises(CannotKeep):
        operations.set_states(by=admin, company=company, told={"CA": {}})
    with pytest.raises(CannotKeep):
        operations.delete_company(by=admin, company=company)
    with pytest.raises(CannotKeep):
        operations.change_rule(by=admin, rule=rule, told={"line_name": "Mine"})
    operations.delete_rule(by=admin, rule=rule)
    company.refresh_from_db()
    rule.refresh_from_db()
    assert not Event.objects.exists()
    assert company_page(admin)[0] == rule_page(admin, RuleSelection())[0] == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda company: make_company_state(company, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1)),
        lambda company: make_business_rule(
            company.organization, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1)
        ),
        lambda company: FilingSettings.objects.create(organization=company.organization, most_filings=0),
        lambda company: FilingSettings.objects.create(organization=company.organization, most_fees=0),
        lambda company: FilingSettings.objects.create(organization=company.organization, registry_fee=-1),
    ],
)
def test_the_database_refuses_what_makes_no_sense(admin: Membership, wrong: Callable[[Company], Any]) -> None:
    company = make_company(admin.organization)
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(company)
