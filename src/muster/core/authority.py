"""May this producer sell this line in this state for this company today? Facts in; yes, no or unknown out.

What is asked, in this order: is the producer on file, synced and active; does the company appoint in the
state, and for the line; does a license hold the line; and is there an appointment, or does none need to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.eligibility import Appointed, BusinessLine, CompanyTerms, License, StateRule
from muster.core.eligibility.facts import HeldLine, same_line
from muster.core.lines import agent_type_of, categories_of, folded
from muster.core.transactions import Status
from muster.core.values import one_of
from muster.core.words import LOA_CATEGORIES


class Reason(StrEnum):
    """Why the answer is what it is. Those of eligibility have the same names there."""

    PRODUCER_NOT_FOUND = "producer_not_found"
    PRODUCER_NOT_SYNCED = "producer_not_synced"
    PRODUCER_NOT_ACTIVE = "producer_not_active"
    COCODE_NOT_FOUND = "cocode_not_found"
    STATE_NOT_SET = "state_not_set"
    COMPANY_LACKS_LOA = "company_lacks_loa"
    LICENSE_NOT_FOUND = "license_not_found"
    LICENSE_NOT_ACTIVE = "license_not_active"
    LINE_UNKNOWN = "line_unknown"
    LINE_NOT_HELD = "line_not_held"
    APPOINTED = "appointed"
    AGENCY_APPOINTED = "agency_appointed"
    REGISTERED = "registered"
    NO_APPOINTMENT_NEEDED = "no_appointment_needed"
    JUST_IN_TIME = "just_in_time"
    DEADLINE_PASSED = "deadline_passed"
    JUST_IN_TIME_UNKNOWN = "just_in_time_unknown"
    APPOINTMENT_UNCLEAR = "appointment_unclear"
    UNKNOWN = "unknown"
    NOT_APPOINTED = "not_appointed"


R = Reason

MAY_SELL = frozenset({R.APPOINTED, R.AGENCY_APPOINTED, R.REGISTERED, R.NO_APPOINTMENT_NEEDED, R.JUST_IN_TIME})
CANNOT_TELL = frozenset(
    {R.PRODUCER_NOT_SYNCED, R.LINE_UNKNOWN, R.JUST_IN_TIME_UNKNOWN, R.APPOINTMENT_UNCLEAR, R.UNKNOWN}
)
"""Nobody knows: neither yes nor no."""

WORDS: Mapping[Reason, str] = MappingProxyType(
    {
        R.PRODUCER_NOT_FOUND: "No producer of yours has the NPN {npn}.",
        R.PRODUCER_NOT_SYNCED: "The producer has not been synced well with the registry, so nobody knows "
        "which licenses there are.",
        R.PRODUCER_NOT_ACTIVE: "The producer is not active: the registry is not asked about changes.",
        R.COCODE_NOT_FOUND: "No company of yours has the CoCode {cocode}.",
        R.STATE_NOT_SET: "{company} does not appoint in {state}.",
        R.COMPANY_LACKS_LOA: "{company} does not appoint for {line}.",
        R.LICENSE_NOT_FOUND: "There is no license in {state}.",
        R.LICENSE_NOT_ACTIVE: "License {license} in {state} is not active, or has expired.",
        R.LINE_UNKNOWN: "“{line}” is neither a category nor a line of authority that is known of {state}.",
        R.LINE_NOT_HELD: "No license in {state} that is active and in date holds {line}.",
        R.APPOINTED: "{company} has appointed the producer in {state} for {line}.",
        R.AGENCY_APPOINTED: "{company} has appointed the producer's agency in {state} for {line}, which "
        "covers its producers there.",
        R.REGISTERED: "{state} files no appointments; the producer is in the register of {company} for "
        "{line}.",
        R.NO_APPOINTMENT_NEEDED: "{state} files no appointments, and the license holds {line}.",
        R.JUST_IN_TIME: "{state} lets the appointment for {line} follow the first business; {transaction} "
        "stands for it{until}.",
        R.DEADLINE_PASSED: "{transaction} should have been filed by {file_by}, and was not.",
        R.JUST_IN_TIME_UNKNOWN: "{transaction} stands for {line}, and nobody has told whether {state} lets "
        "it follow the first business.",
        R.APPOINTMENT_UNCLEAR: "{company} has appointed the producer in {state}, and the registry does not "
        "tell for which line.",
        R.UNKNOWN: "Nobody has told whether {state} files appointments, and there is none on record.",
        R.NOT_APPOINTED: "{company} has not appointed the producer in {state} for {line}.",
    }
)
"""The sentence of each reason."""


class Question(NamedTuple):
    """What is asked: of a line of authority, by name or code, or of a `category`; the other is empty."""

    npn: str
    state: str
    cocode: str
    line: str
    category: str = ""
    agent_type: str = "producer"


def what_is_meant(state: str, text: str, agent_type: str) -> tuple[str, str]:
    """A line of authority and a category, one of them as the text means it; the other is empty.

    An accepted value is its category, as `life`. Else a line that the state grants, as `Life`, is that line.
    What is neither may be a category in another spelling; and if not, a line that nobody knows.
    """
    text = " ".join(text.split())
    if text in LOA_CATEGORIES:
        return "", text
    if not categories_of(state, "", text, text, agent_type):
        category, _ = _clean_category(text)
        if category:
            return "", category
    return text, ""


_clean_category = one_of(LOA_CATEGORIES)


class Filing(NamedTuple):
    """An appointment that is on its way: a transaction that is open."""

    number: int
    status: Status
    line_code: str
    line_name: str
    categories: tuple[str, ...] = ()
    first_business_on: date | None = None
    file_by: date | None = None

    def is_late(self, today: date) -> bool:
        """Whether it should have been sent by now, and was not, or the state waits for an answer."""
        unsent = self.status in (Status.READY, Status.HELD, Status.ACTION_REQUIRED)
        return unsent and self.file_by is not None and self.file_by < today


class Known(NamedTuple):
    """What is known of a producer, as far as the state and the company ask.

    `of_agency` are the appointments in force of the firm that is the producer's agency.
    """

    was_synced: bool
    is_active: bool
    licenses: Sequence[License] = ()
    appointed: Sequence[Appointed] = ()
    of_agency: Sequence[Appointed] = ()
    filings: Sequence[Filing] = ()


class Authority(NamedTuple):
    """The answer, and what it rests on. `may_sell` is None where nobody can tell."""

    reason: Reason
    license: License | None = None
    line: HeldLine | None = None
    appointment: Appointed | None = None
    filing: Filing | None = None

    @property
    def may_sell(self) -> bool | None:
        """Yes, no, or nobody knows."""
        return None if self.reason in CANNOT_TELL else self.reason in MAY_SELL


def judge_authority(
    asked: Question,
    *,
    producer: Known | None,
    company: CompanyTerms | None,
    lines: Sequence[BusinessLine],
    rule: StateRule,
    agency_covers: bool,
    today: date,
) -> Authority:
    """Answer the question by what is known today; `lines` are the state's active business rules.

    `agency_covers`: whether the appointment of an agency covers its producers in the state. A category may be
    sold where any line of it may. What is not known is never taken for a yes or a no.
    """
    if producer is None:
        return Authority(R.PRODUCER_NOT_FOUND)
    if not producer.was_synced:
        return Authority(R.PRODUCER_NOT_SYNCED)
    if not producer.is_active:
        return Authority(R.PRODUCER_NOT_ACTIVE)
    if company is None:
        return Authority(R.COCODE_NOT_FOUND)
    setting = company.states.get(asked.state)
    if setting is None or not setting.holds(today):
        return Authority(R.STATE_NOT_SET)
    categories = _categories(asked, lines)
    if categories and company.categories.isdisjoint(categories):
        return Authority(R.COMPANY_LACKS_LOA)
    refused, held = _held(asked, producer, lines, today, is_known=bool(categories))
    if refused:
        return refused
    of_agency = producer.of_agency if agency_covers else ()
    standing = [_standing(one, producer.appointed, of_agency, rule) for one in held]
    if found := next((one for one in standing if one), None):
        return found
    if setting.just_in_time and (waiting := _just_in_time(held, producer, categories, rule, today)):
        return waiting
    license, line = held[0]
    if rule.files is None:
        return Authority(R.UNKNOWN, license, line)
    unclear = next((one for one in producer.appointed if not one.line_code and not one.line_name), None)
    if unclear:
        return Authority(R.APPOINTMENT_UNCLEAR, license, line, unclear)
    return Authority(R.NOT_APPOINTED, license, line)


BEST_FIRST = (R.JUST_IN_TIME, R.JUST_IN_TIME_UNKNOWN, R.DEADLINE_PASSED)
"""Of several filings the one that says most counts."""

Held = tuple[License, HeldLine]

NO_NAMED_CATEGORY = ("",)
"""Of a line that nobody knows: then what the state says for all counts."""


def _categories(asked: Question, lines: Sequence[BusinessLine]) -> frozenset[str]:
    """The categories of what is asked for; none for a line that nobody knows."""
    if asked.category:
        return frozenset({asked.category})
    for one in lines:
        if same_line(asked.line, asked.line, one.line_code, one.line_name):
            return one.categories
    return categories_of(asked.state, "", asked.line, asked.line, asked.agent_type)


def _held(
    asked: Question, producer: Known, lines: Sequence[BusinessLine], today: date, *, is_known: bool
) -> tuple[Authority | None, list[Held]]:
    """The good licenses that hold what is asked for, each with the line; or what is wrong with them."""
    licenses = [
        one
        for one in producer.licenses
        if one.state == asked.state
        and agent_type_of(asked.state, one.class_code, one.class_name) == asked.agent_type
    ]
    if not licenses:
        return Authority(R.LICENSE_NOT_FOUND), []
    good = [one for one in licenses if one.is_good(today)]
    if not good:
        return Authority(R.LICENSE_NOT_ACTIVE, licenses[0]), []
    meant = [
        (license, line)
        for license in good
        for line in license.lines
        if _is_meant(asked, license, line, lines)
    ]
    held = [one for one in meant if folded(one[1].status) == "active"]
    if held:
        return None, held
    if not meant and not is_known:
        return Authority(R.LINE_UNKNOWN), []
    return Authority(R.LINE_NOT_HELD, good[0]), []


def _is_meant(asked: Question, license: License, line: HeldLine, lines: Sequence[BusinessLine]) -> bool:
    if not asked.category:
        return same_line(asked.line, asked.line, line.code, line.name)
    of_rules = [
        one.categories for one in lines if same_line(one.line_code, one.line_name, line.code, line.name)
    ]
    if of_rules:
        return any(asked.category in one for one in of_rules)
    return asked.category in categories_of(asked.state, license.class_code, line.code, line.name)


def _standing(
    held: Held, appointed: Sequence[Appointed], of_agency: Sequence[Appointed], rule: StateRule
) -> Authority | None:
    """Yes, by what stands on record for this line; None where nothing does."""
    license, line = held
    keeps_register = rule.files is False
    if appointment := _for_line(appointed, line):
        return Authority(R.REGISTERED if keeps_register else R.APPOINTED, license, line, appointment)
    if keeps_register:
        return Authority(R.NO_APPOINTMENT_NEEDED, license, line)
    if appointment := _for_line(of_agency, line):
        return Authority(R.AGENCY_APPOINTED, license, line, appointment)
    return None


def _for_line(appointed: Sequence[Appointed], line: HeldLine) -> Appointed | None:
    return next(
        (one for one in appointed if same_line(one.line_code, one.line_name, line.code, line.name)), None
    )


def _just_in_time(
    held: Sequence[Held], producer: Known, categories: frozenset[str], rule: StateRule, today: date
) -> Authority | None:
    """What a filing that is on its way allows where it may follow the first business; None if nothing."""
    found: list[Authority] = []
    for filing in producer.filings:
        of_line = (
            one for one in held if same_line(filing.line_code, filing.line_name, one[1].code, one[1].name)
        )
        rests_on = next(of_line, None)
        may_wait = rule.may_wait(filing.categories or categories or NO_NAMED_CATEGORY)
        if rests_on is None or may_wait is False:
            continue
        late = R.DEADLINE_PASSED if filing.is_late(today) else R.JUST_IN_TIME
        reason = R.JUST_IN_TIME_UNKNOWN if may_wait is None else late
        found.append(Authority(reason, *rests_on, filing=filing))
    return min(found, key=lambda one: BEST_FIRST.index(one.reason), default=None)
