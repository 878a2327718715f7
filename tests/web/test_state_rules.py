"""The pages of state rules: what is known and who says so, and setting a value of one's own."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.carriers.models import RuleOverride
from muster.carriers.state_rules import end_override, override_rule, own_rule, rulebook_of
from muster.console.rules.address import query_of, selection_of
from muster.console.rules.links import Source, anchor_of, rule_url, sources_of
from muster.console.rules.words import (
    CHOICES,
    LABELS,
    TOPIC_LABELS,
    case_words,
    told_words,
    value_words,
)
from muster.core.rules.book import rulebook
from muster.core.rules.keys import TOPICS
from muster.core.rules.rule import Rule, Standing, Strand
from muster.core.words import states
from tests.make import make_member, make_organization
from tests.web.query_counts import same_number_of_queries
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

LIST = "/state-rules/"
CA = "/state-rules/CA/"
DEADLINE = f"{CA}appointing/deadline_days/"
BACKDATE = f"{CA}appointing/backdate_days/"


@pytest.fixture
def member() -> Membership:
    return make_member(make_organization(name="Harbor Insurance"), name="Robin Field")


@pytest.fixture
def browsing(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def set_own(member: Membership, key: str = "backdate_days", value: Any = 10, **over: Any) -> RuleOverride:
    return override_rule(
        **{
            "by": member,
            "state": "CA",
            "topic": "appointing",
            "key": key,
            "value": value,
            "starts_on": timezone.localdate(),
            "reason": "The department wrote so.",
            "now": timezone.now(),
            **over,
        }
    )


def ids(answer: HttpResponse) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', answer.content.decode())


# --- the list --------------------------------------------------------------------------------------


def listed(browsing: Client, query: str = "") -> list[str]:
    return [row.code for row in browsing.get(LIST + query).context["rows"]]


def test_every_state_is_listed_also_those_of_which_nothing_is_known(browsing: Client) -> None:
    answer = browsing.get(LIST)
    assert {row.code for row in answer.context["rows"]} == set(states())
    assert "56 states and territories" in text(answer)
    assert text(answer).count("No rules are known") == 2
    assert rulebook().short_version in text(answer)
    assert {f"/state-rules/{code}/" for code in states()} <= set(links(answer))


def test_a_row_tells_how_a_state_appoints_and_how_much_is_known_of_it(browsing: Client) -> None:
    rows = {row.code: row for row in browsing.get(LIST).context["rows"]}
    california, kansas, alaska = rows["CA"], rows["KS"], rows["AK"]
    assert california.filing.words == "Filed"
    assert california.just_in_time.words == "Life, Health: Yes; Property, Casualty, Personal Lines: No"
    assert california.deadline.words == "14 or 15 days"
    assert california.fee.words == "$32.00"
    assert kansas.fee.words == "By home state"
    assert alaska.filing.words == "Own register"
    assert (california.known, california.approximate, california.reviewed, california.own) == (21, 21, 0, 0)
    assert rows["MP"].known == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=carol", ["NC", "SC"]),
        ("?q=ca", ["CA"]),
        ("?q=nowhere", []),
        ("?unknown=appointing.filing", ["AS", "MP"]),
        ("?unknown=appointing.filing&q=samoa", ["AS"]),
        ("?own=yes", ["CA"]),
        ("?unknown=fees.nonsense&own=maybe&q=samoa", ["AS"]),
    ],
)
def test_states_are_found_by_name_by_what_is_unknown_and_by_own_values(
    browsing: Client, member: Membership, query: str, found: list[str]
) -> None:
    set_own(member)
    set_own(make_member(), state="TX")
    assert listed(browsing, query) == found


def test_what_becomes_known_by_an_own_value_is_no_longer_unknown(
    browsing: Client, member: Membership
) -> None:
    own = set_own(member, "filing", "registry", state="AS")
    assert listed(browsing, "?unknown=appointing.filing") == ["MP"]
    row = next(row for row in browsing.get(LIST).context["rows"] if row.code == "AS")
    assert (row.filing.words, row.filing.is_own, row.own, row.known) == ("Own register", True, 1, 1)
    end_override(by=member, override=own, now=timezone.now())
    assert listed(browsing, "?unknown=appointing.filing") == ["AS", "MP"]


def test_the_address_of_the_list_is_read_as_it_is_written() -> None:
    query = "?q=carol&unknown=fees.license_new&own=yes"
    assert query_of(selection_of(QueryDict(query[1:]))) == query


def test_the_list_takes_as_many_queries_whatever_there_is(browsing: Client, member: Membership) -> None:
    for count in (1, 3):
        for days in range(count):
            set_own(member, value=days)
        with same_number_of_queries("state-rule-list"):
            browsing.get(LIST)


# --- one state -------------------------------------------------------------------------------------


def test_every_state_has_a_page_on_which_every_rule_has_a_place_of_its_own(
    browsing: Client, today: date
) -> None:
    for state in states():
        answer = browsing.get(f"/state-rules/{state}/")
        assert answer.status_code == 200
        found = Counter(ids(answer))
        assert [one for one, count in found.items() if count > 1] == [], state
        for topic, keys in TOPICS.items():
            for key in keys:
                for rule in (
                    *rulebook().history(state, topic, key),
                    rulebook().at(state, topic, key, today),
                    rulebook().at(state, topic, key, date.min),
                ):
                    assert rule_url(rule.id) == f"/state-rules/{state}/#{anchor_of(rule.id)}"
                    assert anchor_of(rule.id) in found, rule.id


def test_a_value_is_told_with_its_case_its_note_its_standing_and_its_source(browsing: Client) -> None:
    answer = browsing.get(CA)
    for words in (
        "21 of 42 things are known",
        f"record the version {rulebook().short_version}",
        "Within how many days an appointment is to be filed.",
        "Life, Health: 14 days from the first business",
        "L/H within 14 days of first business",
        "Since when: not told Checked: nobody has said when",
        "Nonresidents: $32.00",
        "As found: “32 (older capture 58)”",
        "County Whether a filing names a county. Unknown. Nobody has told.",
        "rules/us/ca/appointing.toml",
        "It comes from other sources, or nobody has said when they looked.",
    ):
        assert words in text(answer)
    source = "https://agentsync.io/compliance-library/jurisdictions/california"
    anchors = re.findall(rf'<a href="{re.escape(source)}"[^>]*>', answer.content.decode())
    assert anchors
    assert all('rel="noopener noreferrer"' in anchor for anchor in anchors)


def test_values_of_earlier_and_later_days_are_told_beside_the_one_that_holds(browsing: Client) -> None:
    answer = browsing.get("/state-rules/IA/")
    assert "Since Jan 1, 2026" in text(answer)
    assert "1 other value Earlier It depends on the company’s home state" in text(answer)
    assert "Kentucky unknown: sources disagree" in text(answer)


def test_an_own_value_is_told_with_who_set_it_why_and_what_the_rules_say(
    browsing: Client, member: Membership, today: date
) -> None:
    own = set_own(member)
    set_own(member, "future_date", "yes", starts_on=today + timedelta(9), reason="A new act.")
    answer = browsing.get(CA)
    day = f"{today:%b} {today.day}, {today.year}"
    assert f"Up to 10 days Your own “The department wrote so.” From {day} Set by Robin Field on" in text(
        answer
    )
    assert "Yours counts in its place Not at all" in text(answer)
    assert "Later Yes" in text(answer)
    assert rulebook_of(member.organization_id).short_version in text(answer)
    assert [(one.told.words, one.holds) for one in answer.context["own"]] == [
        ("Yes", False),
        ("Up to 10 days", True),
    ]
    assert rule_url(own_rule(own).id).split("#")[1] in ids(answer)


def test_values_that_were_replaced_or_ended_stay_on_the_page(browsing: Client, member: Membership) -> None:
    ended = set_own(member, value=9)
    end_override(by=member, override=ended, now=timezone.now())
    for _ in range(2):
        set_own(member, value=10)
    answer = browsing.get(CA)
    assert [one.standing for one in answer.context["own"]] == [
        "Holds",
        "A later one took its place",
        "Ended",
    ]
    assert max(Counter(ids(answer)).values()) == 1


def test_own_values_of_another_organization_are_not_shown(browsing: Client) -> None:
    set_own(make_member(), reason="Nobody else may read this.")
    answer = browsing.get(CA)
    assert "Nobody else may read this." not in text(answer)
    assert rulebook().short_version in text(answer)
    assert "Not at all" in text(answer)


def test_only_who_may_set_values_is_shown_the_way_to_it(client: Client, member: Membership) -> None:
    own = set_own(member)
    for role in (Role.ADMIN, Role.VIEWER):
        client.force_login(make_member(member.organization, role).user)
        ways = {one.split("?")[0] for one in links(client.get(CA))}
        assert ({DEADLINE, f"/state-rules/own/{own.pk}/end/"} <= ways) is (role is Role.ADMIN)


@pytest.mark.parametrize("path", ["ZZ/", "ZZ/appointing/filing/", "CA/nothing/filing/", "CA/fees/filing/"])
def test_what_there_is_not_is_not_found(browsing: Client, path: str) -> None:
    assert browsing.get(LIST + path).status_code == 404


def test_a_state_is_found_in_small_letters_too(browsing: Client) -> None:
    assert "California" in text(browsing.get("/state-rules/ca/"))


def test_the_page_takes_as_many_queries_whatever_there_is(browsing: Client, member: Membership) -> None:
    for count in (1, 3):
        for days in range(count):
            set_own(member, value=days)
        with same_number_of_queries("state-rules"):
            browsing.get(CA)


# --- words and links -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("https://www.doi.example/a/b", [Source("doi.example/…/b", "https://www.doi.example/a/b")]),
        ("http://doi.example", [Source("doi.example", "http://doi.example")]),
        ("https://x.example/?p=7", [Source("x.example/p=7", "https://x.example/?p=7")]),
        ("https://x.example/a (a copy)", [Source("x.example/a", "https://x.example/a", "(a copy)")]),
        (
            "https://x.example/a ; Code 37:13 ; https://y.example/b",
            [
                Source("x.example/a", "https://x.example/a"),
                Source("Code 37:13"),
                Source("y.example/b", "https://y.example/b"),
            ],
        ),
        ("doi.example/513/Appointments", [Source("doi.example/513/Appointments")]),
        ("javascript:alert(1)", [Source("javascript:alert(1)")]),
        ("see https://x.example", [Source("see https://x.example")]),
        ("data:text/html,https://x.example", [Source("data:text/html,https://x.example")]),
        ("https://[x", [Source("https://[x")]),
        ("https:///a", [Source("https:///a")]),
        ("", []),
    ],
)
def test_only_addresses_of_web_pages_become_links(told: str, found: list[Source]) -> None:
    assert sources_of(told) == found


@pytest.mark.parametrize(
    ("rule_id", "place"),
    [
        ("us/ca/appointing#backdate_days@2021-07-01", "appointing-backdate_days-2021-07-01"),
        ("own/ca/fees#license_new[surplus lines]@unknown", "own-fees-license_new-surplus-lines-unknown"),
        ("us/ca/appointing#just_in_time[life+health]@unknown", "appointing-just_in_time-life-health-unknown"),
        ("", ""),
        ("us/california", ""),
        ('us/ca/"><script>', ""),
    ],
)
def test_a_rule_that_is_cited_has_an_address(rule_id: str, place: str) -> None:
    assert rule_url(rule_id) == (f"{CA}#{place}" if place else LIST)


def test_every_topic_key_and_choice_has_words() -> None:
    assert set(TOPIC_LABELS) == set(TOPICS)
    assert {topic: set(labels) for topic, labels in LABELS.items()} == {
        topic: set(keys) for topic, keys in TOPICS.items()
    }
    assert {one for keys in TOPICS.values() for key in keys.values() for one in key.choices} == set(CHOICES)


def test_every_value_that_is_told_has_words() -> None:
    for state in states():
        for topic, keys in TOPICS.items():
            for key in keys:
                for rule in rulebook().history(state, topic, key):
                    assert value_words(rule), rule.id
                    assert (value_words(rule) == "Unknown") is not rule.is_known, rule.id
                    assert bool(case_words(rule.strand)) is bool(rule.strand), rule.id


def rule(topic: str, key: str, value: Any, standing: Standing = Standing.APPROXIMATE, **terms: Any) -> Rule:
    return Rule("CA", topic, key, value, None, "", None, standing, "", terms)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (rule("appointing", "just_in_time", "yes"), "Yes"),
        (rule("appointing", "backdate_days", 1), "Up to 1 day"),
        (rule("appointing", "backdate_days", 15, within="less than"), "Less than 15 days"),
        (rule("appointing", "deadline_days", 15), "15 days"),
        (rule("appointing", "deadline_days", 15, Standing.OVERRIDDEN), "15 days from the first business"),
        (
            rule(
                "appointing",
                "deadline_days",
                30,
                counts_from=("contract", "first_application"),
                whichever="later",
            ),
            "30 days from the contract or the first application, whichever is later",
        ),
        (rule("fees", "appointment_new", 123_456, basis="line"), "$1,234.56 for each line"),
        (rule("fees", "appointment_new", 0), "$0.00"),
        (
            rule("fees", "license_new", None, by_domicile={"TX": 1}, depends_on="home state"),
            "It depends on the producer’s home state",
        ),
        (rule("terminations", "reasons", ("death", "unheard_of")), "Death, unheard_of"),
        (rule("renewal", "invoice_to", "02-29"), "Feb 29"),
        (rule("renewal", "invoice_to", "end of May"), "end of May"),
    ],
)
def test_a_value_is_put_into_words(told: Rule, words: str) -> None:
    assert value_words(told) == words


def test_values_for_different_cases_are_told_together() -> None:
    strand: Strand = (("residency", "nonresident"), ("applies", "surplus lines"))
    rules = [
        rule("fees", "license_new", 100, residency="resident"),
        rule("fees", "license_new", 200, **dict(strand)),
    ]
    assert told_words(rules) == "Residents: $1.00; Nonresidents, surplus lines: $2.00"


# --- setting a value of one's own ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "control", "filled", "value", "terms"),
    [
        ("CA/appointing/filing", 'type="radio"', {"value": "registry"}, "registry", {}),
        ("CA/appointing/backdate_days", 'type="number"', {"value": "10"}, 10, {}),
        (
            "CA/appointing/deadline_days",
            'type="checkbox"',
            {"value": "7", "counts_from": ["effective_date"], "case": "1"},
            7,
            {"counts_from": ["effective_date"], "categories": ["life", "health"]},
        ),
        (
            "CA/fees/license_renewal",
            'name="basis"',
            {"value": "1,020.5", "case": "1", "basis": "line"},
            102_050,
            {"residency": "resident", "basis": "line"},
        ),
        ("CA/fees/appointment_renewal", 'name="value"', {"value": "0", "case": "0", "basis": ""}, 0, {}),
        (
            "CA/terminations/reasons",
            'value="agent_moved"',
            {"value": ["death", "agent_moved"]},
            ["death", "agent_moved"],
            {},
        ),
        (
            "SC/appointing/appointment_types",
            "<textarea",
            {"value": " general\r\n\r\nlocal\r\ngeneral"},
            ["general", "local"],
            {},
        ),
        ("CA/renewal/invoice_from", 'type="text"', {"value": "07-01"}, "07-01", {}),
        ("CA/renewal/cycle", 'type="text"', {"value": "every 2 years"}, "every 2 years", {}),
    ],
)
def test_each_kind_of_value_has_its_control_and_is_kept(
    browsing: Client,
    member: Membership,
    today: date,
    path: str,
    control: str,
    filled: dict[str, Any],
    value: Any,
    terms: dict[str, Any],
) -> None:
    url = f"{LIST}{path}/"
    assert control in browsing.get(url).content.decode()
    answer = browsing.post(url, {**filled, "starts_on": today.isoformat(), "reason": "A letter."})
    own = RuleOverride.objects.get()
    assert answer["Location"] == rule_url(own_rule(own).id)
    assert (own.organization_id, own.state, own.by_id) == (member.organization_id, path[:2], member.user_id)
    assert (own.value, own.terms, own.starts_on, own.reason) == (value, terms, today, "A letter.")
    assert "is a value of your own now" in text(browsing.get(CA))


@pytest.mark.parametrize(
    ("path", "filled", "said"),
    [
        ("CA/appointing/filing", {"value": "maybe"}, "not one of the available choices"),
        ("CA/appointing/backdate_days", {"value": "-1"}, "greater than or equal to 0"),
        ("CA/appointing/backdate_days", {"value": "4000"}, "less than or equal to 3660"),
        ("CA/appointing/backdate_days", {"value": ""}, "This field is required"),
        ("CA/appointing/backdate_days", {"starts_on": "soon"}, "Enter a valid date"),
        ("CA/appointing/backdate_days", {"reason": " "}, "This field is required"),
        ("CA/appointing/backdate_days", {"reason": "\u200b"}, "Say why"),
        ("CA/appointing/deadline_days", {"case": "0"}, "This field is required"),
        ("CA/appointing/deadline_days", {"case": "9", "counts_from": ["contract"]}, "one of the available"),
        ("CA/fees/appointment_new", {"value": "a lot", "case": "0"}, "not an amount of dollars"),
        ("CA/fees/appointment_new", {"value": "99999999999", "case": "0"}, "not an amount of dollars"),
        ("SC/appointing/appointment_types", {"value": "\u200b"}, "This field is required"),
        ("CA/renewal/invoice_from", {"value": "13-01"}, "Write the month and the day with two digits"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(
    browsing: Client, today: date, path: str, filled: dict[str, Any], said: str
) -> None:
    form = {"value": "10", "starts_on": today.isoformat(), "reason": "A letter.", **filled}
    answer = browsing.post(f"{LIST}{path}/", form)
    assert answer.status_code == 200
    assert said in text(answer)
    assert not RuleOverride.objects.exists()


def previewed(browsing: Client, path: str, **filled: Any) -> list[str]:
    return browsing.get(path, filled).context["preview"]


def test_what_it_would_change_is_told_before_it_is_set(
    browsing: Client, member: Membership, today: date
) -> None:
    day = f"{today:%b} {today.day}, {today.year}"
    told = previewed(browsing, BACKDATE, value="10", starts_on=today.isoformat(), reason="")
    assert told[0] == f"From {day} on it says: Up to 10 days."
    assert told[1] == "Without it: Not at all."
    assert "judged from now on go by it" in told[2]
    assert "keep the version" in told[2]
    version = re.findall(r"[0-9a-f]{12}", told[3])
    assert version[1] == rulebook().short_version
    set_own(member)
    assert version[0] == rulebook_of(member.organization_id).short_version
    assert RuleOverride.objects.count() == 1


def test_a_preview_tells_of_other_cases_of_later_values_and_of_no_change(
    browsing: Client, member: Membership, today: date
) -> None:
    later = today + timedelta(20)
    set_own(member, "deadline_days", 9, starts_on=later, terms={"counts_from": ("contract",)})
    told = previewed(
        browsing,
        DEADLINE,
        value="7",
        case="1",
        counts_from=["first_business"],
        starts_on=(today + timedelta(5)).isoformat(),
    )
    assert f"up to {later:%b} {later.day}, {later.year}, it says: " in told[0]
    assert "Life, Health: 7 days from the first business; Property," in told[0]
    assert told[2] == "Filings that are judged before that day go by what holds now."
    same = previewed(browsing, BACKDATE, value="0", starts_on=today.isoformat())
    assert same[1] == "So it does already; it would become your own."


@pytest.mark.parametrize("filled", [{}, {"value": "x", "starts_on": "2026-05-01"}, {"starts_on": ""}])
def test_without_a_value_and_a_day_there_is_nothing_to_preview(
    browsing: Client, filled: dict[str, str]
) -> None:
    assert previewed(browsing, BACKDATE, **filled) == []
    assert "What it changes is told here" in text(browsing.get(BACKDATE, filled))


@pytest.mark.parametrize("case", ["1", "9", "-1", "x", "9" * 30])
def test_the_form_begins_with_what_holds_for_the_case(browsing: Client, case: str) -> None:
    form = browsing.get(DEADLINE, {"case": case}).context["form"]
    assert form["value"].value() == (14 if case == "1" else None)
    assert form["counts_from"].value() == ["first_business"]


# --- ending it -------------------------------------------------------------------------------------


def test_an_own_value_is_ended_after_a_look_at_what_that_changes(
    browsing: Client, member: Membership
) -> None:
    own = set_own(member)
    url = f"/state-rules/own/{own.pk}/end/"
    answer = browsing.get(url)
    assert "Now it says: Up to 10 days. Without this value: Not at all." in text(answer)
    assert f"becomes {rulebook().short_version}" in text(answer)
    own.refresh_from_db()
    assert own.ended_at is None
    assert browsing.post(url)["Location"] == rule_url(own_rule(own).id)
    own.refresh_from_db()
    ended_at = own.ended_at
    assert ended_at
    for again in (browsing.get, browsing.post):
        answer = again(url, follow=True)
        assert "was ended already" in text(answer)
    own.refresh_from_db()
    assert own.ended_at == ended_at
