"""May this producer sell this line in this state for this company today? A case for each answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.authority import (
    CANNOT_TELL,
    MAY_SELL,
    WORDS,
    Filing,
    Known,
    Question,
    Reason,
    judge_authority,
)
from muster.core.eligibility import (
    Appointed,
    BusinessLine,
    Check,
    CompanyState,
    CompanyTerms,
    License,
    StateRule,
)
from muster.core.eligibility.facts import HeldLine
from muster.core.transactions import Status

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
COMPANY = "90101"

LIFE = HeldLine("9101", "Life")
FRATERNAL = HeldLine("9157", "Part-Time Fraternal")
PERSONAL = HeldLine("9120", "Personal Lines")

RULES = (
    BusinessLine("9101", "Life", frozenset({"life"})),
    BusinessLine("9157", "Part-Time Fraternal", frozenset({"life", "fraternal"})),
)
FILES = StateRule(files=True, just_in_time=False)
WAITS = StateRule(files=True, just_in_time_of={"life": True, "personal_lines": False})
KEEPS_REGISTER = StateRule(files=False)
NOTHING_KNOWN = StateRule()

ASKED = Question("1001", "CA", COMPANY, "Life")


def licensed(*lines: HeldLine, **over: Any) -> License:
    return License(
        **{
            "id": 1,
            "state": "CA",
            "number": "0A1",
            "class_code": "9001",
            "class_name": "Insurance Producer",
            "is_resident": True,
            "is_active": True,
            "expires_on": TODAY + 400 * DAY,
            "lines": lines or (LIFE,),
            **over,
        }
    )


def appointed(line: HeldLine = LIFE, **over: Any) -> Appointed:
    told = {"id": 7, "state": "CA", "cocode": COMPANY, "line_code": line.code, "line_name": line.name}
    return Appointed(**{**told, **over})


def filing(line: HeldLine = LIFE, **over: Any) -> Filing:
    told = {"number": 5, "status": Status.HELD, "line_code": line.code, "line_name": line.name}
    return Filing(**{**told, "categories": ("life",), **over})


def known(**over: Any) -> Known:
    return Known(**{"was_synced": True, "is_active": True, "licenses": [licensed()], **over})


def company(**over: Any) -> CompanyTerms:
    states = {"CA": CompanyState(**over.pop("setting", {}))}
    told = {"id": 3, "cocode": COMPANY, "name": "Northstar", "categories": frozenset({"life", "health"})}
    return CompanyTerms(**{**told, "states": states, **over})


JUST_IN_TIME = company(setting={"just_in_time": True})


def answer(**over: Any) -> Any:
    return judge_authority(
        over.pop("asked", ASKED),
        **{
            "producer": known(),
            "company": company(),
            "lines": RULES,
            "rule": FILES,
            "agency_covers": False,
            "today": TODAY,
            **over,
        },
    )


CASES: dict[str, tuple[dict[str, Any], bool | None, Reason]] = {
    "nobody has the NPN": ({"producer": None}, False, Reason.PRODUCER_NOT_FOUND),
    "never synced": ({"producer": known(was_synced=False)}, None, Reason.PRODUCER_NOT_SYNCED),
    "not active": ({"producer": known(is_active=False)}, False, Reason.PRODUCER_NOT_ACTIVE),
    "no company has the CoCode": ({"company": None}, False, Reason.COCODE_NOT_FOUND),
    "the company has no setting for the state": (
        {"company": company(states={})},
        False,
        Reason.STATE_NOT_SET,
    ),
    "the setting begins tomorrow": (
        {"company": company(setting={"starts_on": TODAY + DAY})},
        False,
        Reason.STATE_NOT_SET,
    ),
    "the company does not do the category": (
        {"company": company(categories=frozenset({"property"}))},
        False,
        Reason.COMPANY_LACKS_LOA,
    ),
    "no license": ({"producer": known(licenses=[])}, False, Reason.LICENSE_NOT_FOUND),
    "a license in another state": (
        {"producer": known(licenses=[licensed(state="NV")])},
        False,
        Reason.LICENSE_NOT_FOUND,
    ),
    "an adjuster's license only": (
        {"asked": ASKED._replace(agent_type="adjuster")},
        False,
        Reason.LICENSE_NOT_FOUND,
    ),
    "an inactive license": (
        {"producer": known(licenses=[licensed(is_active=False)])},
        False,
        Reason.LICENSE_NOT_ACTIVE,
    ),
    "a license that ended yesterday": (
        {"producer": known(licenses=[licensed(expires_on=TODAY - DAY)])},
        False,
        Reason.LICENSE_NOT_ACTIVE,
    ),
    "another line": ({"producer": known(licenses=[licensed(FRATERNAL)])}, False, Reason.LINE_NOT_HELD),
    "the line is held inactive": (
        {"producer": known(licenses=[licensed(LIFE._replace(status="Inactive"))])},
        False,
        Reason.LINE_NOT_HELD,
    ),
    "a line that nobody knows": ({"asked": ASKED._replace(line="Moon travel")}, None, Reason.LINE_UNKNOWN),
    "a line that nobody knows, held": (
        {
            "asked": ASKED._replace(line="Moon travel"),
            "producer": known(licenses=[licensed(HeldLine("M", "Moon Travel"))]),
        },
        False,
        Reason.NOT_APPOINTED,
    ),
    "appointed": ({"producer": known(appointed=[appointed()])}, True, Reason.APPOINTED),
    "appointed, asked by code": (
        {"asked": ASKED._replace(line="9101"), "producer": known(appointed=[appointed()])},
        True,
        Reason.APPOINTED,
    ),
    "appointed, the license good through today": (
        {"producer": known(licenses=[licensed(expires_on=TODAY)], appointed=[appointed()])},
        True,
        Reason.APPOINTED,
    ),
    "appointed, the license inactive": (
        {"producer": known(licenses=[licensed(is_active=False)], appointed=[appointed()])},
        False,
        Reason.LICENSE_NOT_ACTIVE,
    ),
    "appointed for a county": (
        {"producer": known(appointed=[appointed(county="Orange")])},
        True,
        Reason.APPOINTED,
    ),
    "appointed where nobody knows what the state does": (
        {"producer": known(appointed=[appointed()]), "rule": NOTHING_KNOWN},
        True,
        Reason.APPOINTED,
    ),
    "appointed for another line": (
        {"producer": known(appointed=[appointed(FRATERNAL)])},
        False,
        Reason.NOT_APPOINTED,
    ),
    "appointed for a line that nobody tells": (
        {"producer": known(appointed=[appointed(HeldLine("", ""))])},
        None,
        Reason.APPOINTMENT_UNCLEAR,
    ),
    "not appointed": ({}, False, Reason.NOT_APPOINTED),
    "a category, by the second of its lines": (
        {
            "asked": ASKED._replace(line="life", category="life"),
            "producer": known(licenses=[licensed(LIFE, FRATERNAL)], appointed=[appointed(FRATERNAL)]),
        },
        True,
        Reason.APPOINTED,
    ),
    "a category of which no line is held": (
        {
            "asked": ASKED._replace(line="life", category="life"),
            "producer": known(licenses=[licensed(PERSONAL)]),
        },
        False,
        Reason.LINE_NOT_HELD,
    ),
    "in the company's register": (
        {"producer": known(appointed=[appointed()]), "rule": KEEPS_REGISTER},
        True,
        Reason.REGISTERED,
    ),
    "in no register, where none is filed": (
        {"rule": KEEPS_REGISTER},
        True,
        Reason.NO_APPOINTMENT_NEEDED,
    ),
    "the agency is appointed and covers its producers": (
        {"producer": known(of_agency=[appointed()]), "agency_covers": True},
        True,
        Reason.AGENCY_APPOINTED,
    ),
    "the agency is appointed and covers nobody": (
        {"producer": known(of_agency=[appointed()])},
        False,
        Reason.NOT_APPOINTED,
    ),
    "nobody knows what the state does": ({"rule": NOTHING_KNOWN}, None, Reason.UNKNOWN),
    "held, just in time": (
        {"producer": known(filings=[filing()]), "company": JUST_IN_TIME, "rule": WAITS},
        True,
        Reason.JUST_IN_TIME,
    ),
    "ready, just in time": (
        {
            "producer": known(filings=[filing(status=Status.READY)]),
            "company": JUST_IN_TIME,
            "rule": WAITS,
        },
        True,
        Reason.JUST_IN_TIME,
    ),
    "just in time, on the last day": (
        {"producer": known(filings=[filing(file_by=TODAY)]), "company": JUST_IN_TIME, "rule": WAITS},
        True,
        Reason.JUST_IN_TIME,
    ),
    "just in time, a day too late": (
        {"producer": known(filings=[filing(file_by=TODAY - DAY)]), "company": JUST_IN_TIME, "rule": WAITS},
        False,
        Reason.DEADLINE_PASSED,
    ),
    "just in time, filed before the deadline passed": (
        {
            "producer": known(filings=[filing(status=Status.SUBMITTED, file_by=TODAY - DAY)]),
            "company": JUST_IN_TIME,
            "rule": WAITS,
        },
        True,
        Reason.JUST_IN_TIME,
    ),
    "just in time, for another line": (
        {"producer": known(filings=[filing(FRATERNAL)]), "company": JUST_IN_TIME, "rule": WAITS},
        False,
        Reason.NOT_APPOINTED,
    ),
    "just in time by the state, not by the company": (
        {"producer": known(filings=[filing()]), "rule": WAITS},
        False,
        Reason.NOT_APPOINTED,
    ),
    "just in time by the company, not by the state": (
        {"producer": known(filings=[filing()]), "company": JUST_IN_TIME},
        False,
        Reason.NOT_APPOINTED,
    ),
    "just in time, and nobody knows whether the state lets it": (
        {
            "producer": known(filings=[filing()]),
            "company": JUST_IN_TIME,
            "rule": StateRule(files=True),
        },
        None,
        Reason.JUST_IN_TIME_UNKNOWN,
    ),
    "just in time without a filing": (
        {"company": JUST_IN_TIME, "rule": WAITS},
        False,
        Reason.NOT_APPOINTED,
    ),
}


@pytest.mark.parametrize(("over", "may_sell", "reason"), CASES.values(), ids=list(CASES))
def test_the_answer_is(over: dict[str, Any], may_sell: bool | None, reason: Reason) -> None:
    told = answer(**over)
    assert (told.may_sell, told.reason) == (may_sell, reason)


def test_every_reason_has_a_case() -> None:
    assert {reason for _, _, reason in CASES.values()} == set(Reason)


def test_every_reason_has_a_sentence() -> None:
    assert set(WORDS) == set(Reason)


def test_no_reason_says_both_yes_and_unknown() -> None:
    assert MAY_SELL.isdisjoint(CANNOT_TELL)


def test_reasons_that_eligibility_has_too_are_called_the_same() -> None:
    assert {"cocode_not_found", "state_not_set", "license_not_found", "line_not_held"} <= {
        check.value for check in Check
    } & {reason.value for reason in Reason}


def test_a_yes_tells_on_what_it_rests() -> None:
    told = answer(producer=known(appointed=[appointed()]))
    assert (told.license.number, told.line, told.appointment.id) == ("0A1", LIFE, 7)


def test_just_in_time_tells_the_transaction_and_its_deadline() -> None:
    held = filing(first_business_on=TODAY - DAY, file_by=TODAY + DAY)
    assert answer(producer=known(filings=[held]), company=JUST_IN_TIME, rule=WAITS).filing == held


LINES = st.sampled_from([LIFE, FRATERNAL, PERSONAL, LIFE._replace(status="Inactive"), HeldLine("", "")])
PRODUCERS = st.builds(
    Known,
    was_synced=st.booleans(),
    is_active=st.booleans(),
    licenses=st.lists(
        st.builds(
            lambda lines, active, days: licensed(*lines, is_active=active, expires_on=TODAY + days * DAY),
            st.lists(LINES, max_size=3),
            st.booleans(),
            st.integers(-2, 2),
        ),
        max_size=2,
    ),
    appointed=st.lists(st.builds(appointed, LINES), max_size=2),
    of_agency=st.lists(st.builds(appointed, LINES), max_size=1),
    filings=st.lists(
        st.builds(
            filing,
            LINES,
            status=st.sampled_from([Status.HELD, Status.READY, Status.SUBMITTED]),
            file_by=st.integers(-2, 2).map(lambda days: TODAY + days * DAY),
        ),
        max_size=2,
    ),
)
RULINGS = st.sampled_from([FILES, WAITS, KEEPS_REGISTER, NOTHING_KNOWN])


@given(PRODUCERS, RULINGS, st.booleans(), st.booleans())
def test_nobody_may_sell_without_a_good_license_that_holds_an_active_line(
    producer: Known, rule: StateRule, covers: bool, waits: bool
) -> None:
    told = answer(
        producer=producer,
        rule=rule,
        agency_covers=covers,
        company=JUST_IN_TIME if waits else company(),
    )
    if told.may_sell:
        assert producer.was_synced
        assert producer.is_active
        assert told.license.is_good(TODAY)
        assert told.line in told.license.lines
        assert told.line.status == "Active"


@given(PRODUCERS, RULINGS)
def test_what_is_answered_does_not_hang_on_the_order_of_facts(producer: Known, rule: StateRule) -> None:
    turned = producer._replace(
        licenses=producer.licenses[::-1],
        appointed=producer.appointed[::-1],
        filings=producer.filings[::-1],
    )
    told, again = (answer(producer=one, rule=rule, company=JUST_IN_TIME) for one in (producer, turned))
    assert told.may_sell == again.may_sell
