"""What a book of rules answers: the value of a day, or that nobody has told; never a default."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.core.filing import files_appointments, filing_rules
from muster.core.rules.book import Rulebook, rulebook
from muster.core.rules.coverage import coverage
from muster.core.rules.keys import TOPICS, Kind, fault_of
from muster.core.rules.rule import NO_TERMS, Override, Rule, RulesBroken, Standing, Term
from muster.core.words import states

from .rulebooks import entry, forget, write_rules

DAY = date(2026, 5, 1)
AT = datetime(2026, 4, 30, 12, tzinfo=UTC)

steady = settings(deadline=None, max_examples=100, derandomize=True)


def own(value: Any, since: date = DAY, *, at: datetime = AT, terms: Any = NO_TERMS, **over: str) -> Override:
    place = {"state": "CA", "topic": "appointing", "key": "backdate_days", **over}
    return Override(
        **place, value=value, since=since, reason="Our counsel says so.", by_name="Robin", at=at, terms=terms
    )


# --- the value of a day ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "value"),
    [
        pytest.param(date.min, "registry", id="the undated one before all others"),
        pytest.param(date(2019, 6, 30), "registry", id="the undated one to the day before the first dated"),
        pytest.param(date(2019, 7, 1), "appointment", id="the dated one from its first day on"),
        pytest.param(date(2023, 12, 31), "appointment", id="the dated one to the day before the next"),
        pytest.param(date(2024, 1, 1), "registry", id="the next from its first day on"),
        pytest.param(date.max, "registry", id="the last for good"),
    ],
)
def test_the_value_with_the_latest_start_up_to_the_day_holds(on: date, value: str, rules: Path) -> None:
    write_rules(
        rules,
        "as/appointing.toml",
        entry("filing", value='"registry"', since="2024-01-01")
        + entry("filing", value='"registry"')
        + entry("filing", value='"appointment"', since="2019-07-01"),
    )
    assert rulebook().at("AS", "appointing", "filing", on).value == value
    assert files_appointments("AS", on) is (value == "appointment")
    assert filing_rules(on)["AS"].files is (value == "appointment")


def test_before_the_first_dated_value_nothing_is_known_and_the_gap_is_told(rules: Path) -> None:
    write_rules(rules, "as/appointing.toml", entry("filing", value='"registry"', since="2024-01-01"))
    rule = rulebook().at("AS", "appointing", "filing", date(2023, 12, 31))
    assert (rule.value, rule.standing) == (None, Standing.UNKNOWN)
    assert "before 2024-01-01" in rule.note
    assert rule.id == "us/as/appointing#filing@unknown"
    assert files_appointments("AS", date(2023, 12, 31)) is None
    assert files_appointments("AS") is False, "without a day the latest is told"


@pytest.mark.parametrize(
    ("state", "key", "note"),
    [
        pytest.param("CA", "county_needed", "Nobody has told.", id="a key that is missing"),
        pytest.param("AS", "filing", "No rules of American Samoa are known.", id="a state without rules"),
        pytest.param("ZZ", "filing", "No rules of ZZ are known.", id="a state that is none"),
        pytest.param("CA", "deadline_days", "It differs from case to case", id="values for some alone"),
    ],
)
def test_what_nobody_has_told_is_unknown_and_says_why(state: str, key: str, note: str) -> None:
    rule = rulebook().at(state, "appointing", key, DAY)
    assert (rule.value, rule.standing, rule.is_known) == (None, Standing.UNKNOWN, False)
    assert rule.note.startswith(note)


@pytest.mark.parametrize(("topic", "key"), [("appointing", "filling"), ("apointing", "filing")])
def test_a_key_that_there_is_not_is_no_unknown_value(topic: str, key: str) -> None:
    with pytest.raises(KeyError):
        rulebook().at("CA", topic, key, DAY)


def test_values_for_different_cases_hold_beside_each_other_each_with_dates_of_its_own(rules: Path) -> None:
    write_rules(
        rules,
        "as/fees.toml",
        entry("license_new", amount_cents="1000", residency='"resident"')
        + entry("license_new", amount_cents="2000", residency='"nonresident"')
        + entry("license_new", amount_cents="2500", residency='"nonresident"', since="2025-01-01")
        + entry("license_new", amount_cents="9900", residency='"all"', applies='"surplus lines"'),
    )
    assert [rule.value for rule in rulebook().holding("AS", "fees", "license_new", DAY)] == [1000, 2500, 9900]
    assert [rule.id for rule in rulebook().history("AS", "fees", "license_new")] == [
        "us/as/fees#license_new[resident]@unknown",
        "us/as/fees#license_new[nonresident]@unknown",
        "us/as/fees#license_new[surplus lines]@unknown",
        "us/as/fees#license_new[nonresident]@2025-01-01",
    ]


def test_a_topic_is_told_key_by_key_unknown_ones_too() -> None:
    for state in states():
        for topic, keys in TOPICS.items():
            told = rulebook().all_at(state, topic, DAY)
            assert list(dict.fromkeys(rule.key for rule in told)) == list(keys)
            assert {(rule.state, rule.topic) for rule in told} == {(state, topic)}


STARTS = st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), unique=True, max_size=6)


@steady
@given(starts=STARTS, on=st.dates(date(1999, 1, 1), date(2031, 1, 1)))
def test_whatever_the_starts_no_later_value_holds_and_none_between(starts: list[date], on: date) -> None:
    book = rulebook().with_overrides(own(index, since) for index, since in enumerate(starts))
    rule = book.at("CA", "appointing", "backdate_days", on)
    begun = [since for since in starts if since <= on]
    if begun:
        assert rule.since == max(begun)
        assert rule.value == starts.index(max(begun))
    else:
        assert rule == rulebook().at("CA", "appointing", "backdate_days", on)


@steady
@given(state=st.sampled_from(sorted(states())), topic=st.sampled_from(sorted(TOPICS)), on=st.dates())
def test_what_is_unknown_has_no_value_and_what_is_known_is_in_the_history(
    state: str, topic: str, on: date
) -> None:
    for rule in rulebook().all_at(state, topic, on):
        if rule.is_known:
            assert rule in rulebook().history(state, topic, rule.key)
            assert rule.since is None or rule.since <= on
        else:
            assert rule.value is None


# --- an organization's own values ------------------------------------------------------------------


def test_an_own_value_wins_from_its_day_on_and_says_whose_it_is() -> None:
    book = rulebook().with_overrides([own(10)])
    before, since = (book.at("CA", "appointing", "backdate_days", day) for day in (DAY - timedelta(1), DAY))
    assert (before.value, before.standing) == (0, Standing.APPROXIMATE)
    assert since.value == 10
    assert since.standing is Standing.OVERRIDDEN
    assert since.source == "Our counsel says so."
    assert since.note == "Set by Robin."
    assert since.checked_on == AT.date()
    assert since.id == "own/ca/appointing#backdate_days@2026-05-01"
    assert book.history("CA", "appointing", "backdate_days") == [before, since]


def test_of_two_own_values_of_a_day_the_one_set_later_wins() -> None:
    later = own(20, at=AT + timedelta(hours=1))
    for order in ([later, own(10)], [own(10), later]):
        book = rulebook().with_overrides(order)
        assert book.at("CA", "appointing", "backdate_days", DAY).value == 20


def test_an_own_value_for_some_leaves_that_of_others() -> None:
    place = {"state": "CA", "topic": "appointing", "key": "deadline_days"}
    book = rulebook().with_overrides([own(7, terms={"categories": ["life", "health"]}, **place)])
    assert [rule.value for rule in book.holding(*place.values(), DAY)] == [7, 15]
    assert [rule.value for rule in book.holding(*place.values(), DAY - timedelta(1))] == [14, 15]


def test_an_own_value_for_all_takes_the_place_of_every_other() -> None:
    place = {"state": "CA", "topic": "appointing", "key": "deadline_days"}
    book = rulebook().with_overrides([own(7, **place)])
    assert [rule.value for rule in book.holding(*place.values(), DAY)] == [7]
    assert book.at(*place.values(), DAY).value == 7


def test_an_own_value_stands_where_nothing_else_is_known() -> None:
    book = rulebook().with_overrides([own("appointment", state="AS", key="filing")])
    assert book.at("AS", "appointing", "filing", DAY).value == "appointment"
    assert not rulebook().at("AS", "appointing", "filing", DAY).is_known


def test_own_values_of_one_organization_are_none_of_anothers() -> None:
    rulebook().with_overrides([own(10)])
    assert rulebook().at("CA", "appointing", "backdate_days", DAY).value == 0


def test_own_values_may_be_added_to_own_values() -> None:
    book = rulebook().with_overrides([own(10)]).with_overrides([own(5, DAY - timedelta(9))])
    told = [book.at("CA", "appointing", "backdate_days", DAY - timedelta(days)).value for days in (10, 9, 0)]
    assert told == [0, 5, 10]


@pytest.mark.parametrize(
    ("over", "value", "terms", "sentence"),
    [
        pytest.param({"state": "ZZ"}, 10, {}, "“ZZ” is not a state", id="a state that is none"),
        pytest.param({"topic": "apointing"}, 10, {}, "“apointing” is not a topic", id="a topic that is none"),
        pytest.param({"key": "back"}, 10, {}, "“back” is not a key", id="a key that is none"),
        pytest.param({}, "ten", {}, "a number from 0 to 3660", id="a word for a number"),
        pytest.param({}, -1, {}, "a number from 0 to 3660", id="a number below nothing"),
        pytest.param({}, True, {}, "a number from 0 to 3660", id="a truth for a number"),
        pytest.param({}, None, {}, "a number from 0 to 3660", id="no value"),
        pytest.param({"key": "filing"}, "maybe", {}, "one of: appointment, registry", id="a word not known"),
        pytest.param({}, 10, {"since": "x"}, "“since” is not a field", id="a field that is none"),
        pytest.param({}, 10, {"within": "about"}, "within is one of", id="a field with a wrong word"),
    ],
)
def test_an_own_value_that_cannot_be_is_refused_in_a_sentence(
    over: dict[str, str], value: Any, terms: dict[str, Term], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        rulebook().with_overrides([own(value, terms=terms, **over)])


# --- versions --------------------------------------------------------------------------------------


def test_the_version_is_another_once_any_file_is(rules: Path) -> None:
    versions = [rulebook().version]
    for name in ("ca/fees.toml", "vt/renewal.toml", "license_classes.csv", "termination_reasons.toml"):
        with (rules / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        assert rulebook().version == versions[-1], "a process goes by the rules it has read"
        forget()
        versions.append(rulebook().version)
    assert len(set(versions)) == len(versions)


def test_the_version_is_the_same_once_a_case_is_another(rules: Path) -> None:
    before = rulebook().version
    write_rules(rules, "ca/rules.cases.toml", "")
    assert rulebook().version == before


def test_the_version_is_64_hexadecimal_digits_of_which_12_are_shown() -> None:
    for book in (rulebook(), rulebook().with_overrides([own(10)])):
        assert len(book.version) == 64
        assert int(book.version, 16)
        assert book.short_version == book.version[:12]


def test_own_values_make_another_version_and_none_the_same() -> None:
    books = [
        rulebook(),
        rulebook().with_overrides([own(10)]),
        rulebook().with_overrides([own(11)]),
        rulebook().with_overrides([own(10, DAY + timedelta(1))]),
        rulebook().with_overrides([own(10, terms={"within": "less than"})]),
        rulebook().with_overrides([own(10), own(10, key="deadline_days")]),
    ]
    assert len({book.version for book in books}) == len(books)
    assert rulebook().with_overrides([]).version == rulebook().version
    assert rulebook().with_overrides([own(10)]).version == books[1].version


@steady
@given(order=st.permutations([own(1), own(2, DAY + timedelta(1)), own(3, state="TX"), own(4, state="WI")]))
def test_the_order_of_own_values_does_not_matter(order: list[Override]) -> None:
    assert rulebook().with_overrides(order).version == rulebook().with_overrides(sorted(order)).version


def test_a_book_with_own_values_reads_no_file_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Rulebook()
    base.at("CA", "appointing", "filing", DAY)
    monkeypatch.setattr("muster.core.rules.book.read_topic", lambda *place: pytest.fail(f"read {place}"))
    assert base.with_overrides([own(10)]).at("CA", "appointing", "filing", DAY).value == "appointment"


# --- files that cannot be read ---------------------------------------------------------------------

GOOD = entry("backdate_days", value="15")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[filing", "This is not TOML", id="is no TOML"),
        pytest.param(
            entry("filling", value='"yes"'), "filling: “filling” is not a key", id="has a wrong key"
        ),
        pytest.param('filing = "registry"', "Write each value as a table", id="has a value without a table"),
        pytest.param("[filing]\nvalue = 1", "Write each value as a table", id="has a single table"),
        pytest.param(GOOD.replace("15", '"15"'), "a number from 0", id="has a text for a number"),
        pytest.param(GOOD.replace("15", "-1"), "a number from 0", id="has a number below nothing"),
        pytest.param(GOOD.replace("approximate", "sure"), "standing = one of", id="has a wrong standing"),
        pytest.param(GOOD.replace("approximate", "overridden"), "standing = one of", id="claims an override"),
        pytest.param(GOOD.replace("source", "note"), "Cite who says so", id="has no source"),
        pytest.param(GOOD.replace("value = 15\n", ""), "Tell the value", id="has no value"),
        pytest.param(
            GOOD.replace("approximate", "unknown"), "unknown has no value", id="knows what is unknown"
        ),
        pytest.param(GOOD.replace("approximate", "reviewed"), "checked = ", id="is reviewed on no day"),
        pytest.param(GOOD + GOOD, "Two values hold from an untold day on", id="has two undated values"),
        pytest.param(GOOD + 'from = "2026"', "from is a day", id="has a text for a day"),
        pytest.param(GOOD + "checked = 2026-05-01T08:00:00", "checked is a day", id="has a time for a day"),
        pytest.param(GOOD + "since = 2026-05-01", "“since” is not a field", id="has a wrong field"),
        pytest.param(GOOD + 'within = "about"', "within is one of", id="has a wrong word in a field"),
        pytest.param(
            GOOD + 'categories = ["moon"]', "categories is a list of some", id="has a wrong category"
        ),
        pytest.param(GOOD + "categories = [[1]]", "categories is a list of some", id="has a list in a list"),
        pytest.param(
            GOOD + "by_domicile = { ZZ = 1 }", "by_domicile is a table", id="has a wrong home state"
        ),
        pytest.param(GOOD + "by_domicile = { TX = 1 }", "not both", id="has one amount and several"),
        pytest.param(GOOD + "note = 1", "note is a text", id="has a number for a note"),
    ],
)
def test_a_file_that_is_broken_says_which_what_and_what_to_do(text: str, said: str, rules: Path) -> None:
    write_rules(rules, "as/appointing.toml", text)
    with pytest.raises(RulesBroken) as broken:
        rulebook().at("AS", "appointing", "filing", DAY)
    assert str(broken.value).startswith("rules/us/as/appointing.toml: ")
    assert said in str(broken.value)
    assert rulebook().at("TX", "appointing", "filing", DAY).is_known, "other files stay readable"


def test_a_file_that_is_no_text_is_broken(rules: Path) -> None:
    write_rules(rules, "as/appointing.toml", "")
    (rules / "as" / "appointing.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RulesBroken, match="This is not TOML"):
        Rulebook().at("AS", "appointing", "filing", DAY)


def test_a_folder_that_is_no_state_is_broken(rules: Path) -> None:
    write_rules(rules, "zz/appointing.toml", GOOD)
    with pytest.raises(RulesBroken, match="“ZZ” is not a state"):
        rulebook().at("ZZ", "appointing", "filing", DAY)


def test_everything_that_may_be_told_is_read(rules: Path) -> None:
    write_rules(
        rules,
        "as/appointing.toml",
        entry(
            "backdate_days",
            value="15",
            since="2026-01-01",
            standing='"reviewed"',
            checked="2026-04-01",
            note='"so it stands"',
            within='"less than"',
        ),
    )
    assert rulebook().at("AS", "appointing", "backdate_days", DAY) == Rule(
        "AS",
        "appointing",
        "backdate_days",
        15,
        date(2026, 1, 1),
        "an invented gazette",
        date(2026, 4, 1),
        Standing.REVIEWED,
        "so it stands",
        {"within": "less than"},
    )


# --- keys and coverage -----------------------------------------------------------------------------


def test_every_key_takes_what_it_says_it_takes() -> None:
    examples = {Kind.DAYS: 15, Kind.CENTS: 1500, Kind.LIST: ("death",), Kind.TEXT: "yearly"}
    for topic, keys in TOPICS.items():
        for key in keys.values():
            assert key.meaning.endswith(".")
            for value in key.choices or (examples[key.kind],):
                assert fault_of(topic, key.name, value) == ""
            assert fault_of(topic, key.name, 1.5) != ""


def test_coverage_tells_of_every_key_of_every_jurisdiction() -> None:
    covered = list(coverage(rulebook(), DAY))
    wanted = [(state, topic, key) for state in states() for topic, keys in TOPICS.items() for key in keys]
    assert [(one.state, one.topic, one.key) for one in covered] == wanted
    for one in covered:
        told = rulebook().holding(one.state, one.topic, one.key, DAY)
        assert (one.standing is Standing.UNKNOWN) == (not any(rule.is_known for rule in told))


def test_values_of_a_key_are_in_the_order_of_their_days() -> None:
    for state in states():
        for topic, keys in TOPICS.items():
            for key in keys:
                starts = [rule.since or date.min for rule in rulebook().history(state, topic, key)]
                assert all(one <= other for one, other in pairwise(starts))
