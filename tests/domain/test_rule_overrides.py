"""An organization's own value of a state's rule: what it changes, from when on, and for whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.carriers.keeping import CannotKeep
from muster.carriers.models import RuleOverride
from muster.carriers.state_rules import end_override, override_rule, own_rule, own_values, rulebook_of
from muster.console.activity.links import link_of
from muster.console.activity.sentences import tell
from muster.core.fees import estimate_appointment
from muster.core.rules.book import rulebook
from muster.core.rules.cases import cases
from muster.core.rules.dates import DateProblem, deadline, judge_effective_date
from muster.core.rules.rule import Standing
from muster.transactions.models import Batch
from tests.make import make_member, make_organization
from tests.transactions.appointing import ask, make_californian, make_carrier_desk, request_for, told

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)
NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
LIFE = {"categories": ("life", "health")}


@pytest.fixture
def member() -> Membership:
    return make_member(name="Robin Field")


def set_own(by: Membership, key: str, value: Any, **over: Any) -> RuleOverride:
    """An own value of California from the day on, unless told otherwise."""
    return override_rule(
        **{
            "by": by,
            "state": "CA",
            "topic": "appointing",
            "key": key,
            "value": value,
            "starts_on": DAY,
            "reason": "The department wrote so.",
            "now": NOW,
            **over,
        }
    )


# --- what it changes -------------------------------------------------------------------------------


def test_a_state_that_files_becomes_one_whose_register_the_organization_keeps() -> None:
    today = timezone.localdate()
    member, _ = make_carrier_desk()
    other, _ = make_carrier_desk()
    set_own(member, "filing", "registry", starts_on=today)
    for desk in (member, other):
        ask(desk, request_for(make_californian(desk, (0,)), categories=["life"]))
    mine, theirs = (Batch.objects.get(organization=desk.organization) for desk in (member, other))
    assert told(mine.producer)[0] == ("Life", "recorded", "")
    assert told(theirs.producer)[0] == ("Life", "ready", "")
    assert mine.rules_version == rulebook_of(member.organization_id).short_version
    assert theirs.rules_version == rulebook().short_version != mine.rules_version


def test_what_was_judged_before_keeps_its_verdict_and_its_version() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member, (0,))
    ask(member, request_for(producer, categories=["life"]))
    set_own(member, "filing", "registry", starts_on=timezone.localdate())
    assert told(producer)[0] == ("Life", "ready", "")
    assert Batch.objects.get(producer=producer).rules_version == rulebook().short_version


@pytest.mark.parametrize(
    ("value", "since", "back", "problems"),
    [
        pytest.param(10, DAY, 10, [], id="the last day of its window is taken"),
        pytest.param(10, DAY, 11, [DateProblem.TOO_OLD], id="the day before its window is too old"),
        pytest.param(0, DAY, 1, [DateProblem.TOO_OLD], id="a window of no days takes no day back"),
        pytest.param(10, DAY + timedelta(1), 1, [DateProblem.TOO_OLD], id="before its day the state's holds"),
    ],
)
def test_a_window_of_ones_own_takes_dates_from_its_day_on(
    member: Membership, value: int, since: date, back: int, problems: list[DateProblem]
) -> None:
    own = set_own(member, "backdate_days", value, starts_on=since)
    verdict = judge_effective_date(rulebook_of(member.organization_id), "CA", DAY - timedelta(back), DAY)
    assert [one.problem for one in verdict.problems] == problems
    if problems and since == DAY:
        assert verdict.problems[0].rule_id == own_rule(own).id == "own/ca/appointing#backdate_days@2026-05-01"


def test_a_deadline_of_ones_own_for_some_lines_leaves_that_of_the_others(member: Membership) -> None:
    set_own(member, "deadline_days", 7, terms={**LIFE, "counts_from": ("first_business",)})
    book = rulebook_of(member.organization_id)
    assert deadline(book, "CA", ["life"], DAY) == DAY + timedelta(7)
    assert deadline(book, "CA", ["casualty"], DAY, effective_on=DAY) == DAY + timedelta(15)


def test_a_fee_of_ones_own_for_residents_leaves_that_of_nonresidents(member: Membership) -> None:
    set_own(
        member,
        "appointment_new",
        4_050,
        topic="fees",
        terms={"residency": "resident", "basis": "appointment"},
    )
    book = rulebook_of(member.organization_id)
    about: Any = {"state": "CA", "entity": "individual", "appointment_type": "", "domicile": "", "on": DAY}
    mine = estimate_appointment(book, residency="resident", **about)
    assert (mine.cents, mine.basis, mine.standing) == (4_050, "appointment", Standing.OVERRIDDEN)
    assert estimate_appointment(book, residency="nonresident", **about).cents == 3_200


def test_a_later_one_takes_its_place_and_leaves_it_as_it_was(member: Membership) -> None:
    first = set_own(member, "backdate_days", 10)
    set_own(member, "backdate_days", 5, starts_on=DAY + timedelta(9))
    set_own(member, "backdate_days", 20, now=NOW + timedelta(hours=1))
    book = rulebook_of(member.organization_id)
    days = [book.at("CA", "appointing", "backdate_days", DAY + timedelta(n)).value for n in (-1, 0, 8, 9)]
    assert days == [0, 20, 20, 5]
    first.refresh_from_db()
    assert (first.value, first.ended_at) == (10, None)


def test_what_nobody_knows_is_known_to_who_says_so(member: Membership) -> None:
    set_own(member, "filing", "appointment", state="AS")
    assert rulebook_of(member.organization_id).at("AS", "appointing", "filing", DAY).value == "appointment"
    assert not rulebook_of(make_organization().pk).at("AS", "appointing", "filing", DAY).is_known


def test_the_book_of_an_organization_is_read_in_one_query(
    member: Membership, django_assert_num_queries: Any
) -> None:
    for days in range(3):
        set_own(member, "backdate_days", days, starts_on=DAY + timedelta(days))
    with django_assert_num_queries(1):
        assert rulebook_of(member.organization_id).history("CA", "appointing", "backdate_days")[1:]


# --- ending it -------------------------------------------------------------------------------------


def test_once_it_is_ended_the_rules_count_again_and_it_stays_on_record(member: Membership) -> None:
    before = rulebook_of(member.organization_id).version
    own = set_own(member, "backdate_days", 10)
    assert rulebook_of(member.organization_id).version != before
    assert rulebook_of(member.organization_id, without=own.pk).version == before
    assert end_override(by=member, override=own, now=NOW + timedelta(1))
    book = rulebook_of(member.organization_id)
    assert (book.version, book.at("CA", "appointing", "backdate_days", DAY).value) == (before, 0)
    own.refresh_from_db()
    assert (own.value, own.reason, own.ended_at) == (10, "The department wrote so.", NOW + timedelta(1))


def test_it_is_ended_once(member: Membership) -> None:
    own = set_own(member, "backdate_days", 10)
    assert [end_override(by=member, override=own, now=NOW + timedelta(days)) for days in (1, 2)] == [
        True,
        False,
    ]
    own.refresh_from_db()
    assert own.ended_at == NOW + timedelta(1)
    assert Event.objects.filter(kind="rule:override:end").count() == 1


# --- who may, and what is refused ------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_agency_admin_sets_or_ends_one(member: Membership, role: Role) -> None:
    own = set_own(member, "backdate_days", 10)
    other = make_member(member.organization, role)
    with pytest.raises(PermissionDenied):
        set_own(other, "backdate_days", 11)
    with pytest.raises(PermissionDenied):
        end_override(by=other, override=own, now=NOW)
    assert RuleOverride.objects.filter(ended_at=None).count() == 1


def test_another_organization_neither_sees_nor_ends_it(member: Membership) -> None:
    own, stranger = set_own(member, "backdate_days", 10), make_member()
    assert not own_values(stranger).exists()
    assert not end_override(by=stranger, override=own, now=NOW)
    assert list(own_values(member)) == [own]
    assert own_values(member).get().ended_at is None


@pytest.mark.parametrize(
    ("over", "field", "sentence"),
    [
        pytest.param({"state": "ZZ"}, "state", "“ZZ” is not a state", id="a state that is none"),
        pytest.param({"topic": "apointing"}, "value", "is not a topic", id="a topic that is none"),
        pytest.param({"key": "back"}, "value", "“back” is not a key", id="a key that is none"),
        pytest.param({"value": "ten"}, "value", "a number from 0 to 3660", id="a word for a number"),
        pytest.param({"value": None}, "value", "a number from 0 to 3660", id="no value"),
        pytest.param({"terms": {"moon": "full"}}, "terms", "is not a field", id="a field that is none"),
        pytest.param({"terms": {"text": "10"}}, "terms", "does not say text", id="a field of no own value"),
        pytest.param({"terms": LIFE}, "terms", "not told for this case", id="a case that is not told apart"),
        pytest.param(
            {"key": "deadline_days", "terms": {"categories": ("life",)}},
            "terms",
            "not told for this case",
            id="a case that overlaps one that is told apart",
        ),
        pytest.param({"reason": " \u200b "}, "reason", "Say why", id="no reason"),
        pytest.param({"reason": "x" * 1_001}, "reason", "this has 1,001", id="a reason without end"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_at_its_field(
    member: Membership, over: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(CannotKeep) as refused:
        set_own(member, **{"key": "backdate_days", "value": 10, **over})
    assert list(refused.value.reasons) == [field]
    assert sentence in refused.value.reasons[field][0]
    assert not RuleOverride.objects.exists()
    assert not Event.objects.exists()


def test_every_case_that_is_offered_is_taken(member: Membership) -> None:
    for state, topic, key, value in (
        ("CA", "appointing", "just_in_time", "no"),
        ("CA", "fees", "license_new", 100),
        ("SC", "fees", "appointment_new", 100),
        ("AS", "fees", "appointment_new", 100),
    ):
        for case in cases(rulebook(), state, topic, key):
            own = set_own(member, key, value, state=state, topic=topic, terms=dict(case))
            own.refresh_from_db()
            assert own_rule(own).strand == case
            book = rulebook_of(member.organization_id)
            assert own_rule(own) in book.holding(state, topic, key, DAY)


# --- what is on record -----------------------------------------------------------------------------


def test_the_activity_log_tells_of_both_and_leads_to_the_rule(member: Membership) -> None:
    own = set_own(member, "deadline_days", 7, terms={**LIFE, "counts_from": ("contract",)})
    end_override(by=member, override=own, now=NOW)
    events = list(Event.objects.order_by("id"))
    assert [event.kind for event in events] == ["rule:override", "rule:override:end"]
    assert [tell(event).text(event.data) for event in events] == [
        "set an own value from 2026-05-01 on, California, appointing, deadline, life, health: 7 days "
        "(“The department wrote so.”)",
        "ended an own value, California, appointing, deadline, life, health: 7 days",
    ]
    place = "/state-rules/CA/#own-appointing-deadline_days-life-health-2026-05-01"
    assert [link_of(event) for event in events] == [place, place]
    assert {event.by_id for event in events} == {member.user_id}
