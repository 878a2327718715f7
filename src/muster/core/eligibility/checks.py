"""The checks, in their order, and the words of their reasons.

Source: "Bulk Appoint Eligibility Reasons Dictionary" of AgentSync's help article on bulk actions; the labels
are its wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from muster.core.transactions import Status
from muster.core.words import states


class Check(StrEnum):
    """One check of eligibility; they are declared in their order, and the first that fails is the reason."""

    COCODE_NOT_FOUND = "cocode_not_found"
    STATE_NOT_SET = "state_not_set"
    COMPANY_LACKS_LOA = "company_lacks_loa"
    OUTSIDE_ASSIGNMENT = "outside_assignment"
    NO_BUSINESS_RULE = "no_business_rule"
    ENTITY_NOT_APPOINTED = "entity_not_appointed"
    NO_RESIDENT_LICENSE = "no_resident_license"
    LICENSE_NOT_FOUND = "license_not_found"
    LICENSE_NOT_ACTIVE = "license_not_active"
    LINE_NOT_HELD = "line_not_held"
    ALREADY_APPOINTED = "already_appointed"
    OPEN_TRANSACTION = "open_transaction"


CHECKS: tuple[Check, ...] = tuple(Check)

Params = Mapping[str, str | int]
NOTHING: Params = MappingProxyType({})


class Failure(NamedTuple):
    """That a check failed, and with what: names and ids, never words."""

    check: Check
    params: Params = NOTHING


LABELS: Mapping[Check, str] = MappingProxyType(
    {
        Check.COCODE_NOT_FOUND: "CoCode Not Found",
        Check.STATE_NOT_SET: "{company} does not appoint in the requested State: {state}",
        Check.COMPANY_LACKS_LOA: "Company Does Not Appoint for requested loas",
        Check.OUTSIDE_ASSIGNMENT: "Outside Producer Assignment",
        Check.NO_BUSINESS_RULE: "No Business Rule for requested loas",
        Check.ENTITY_NOT_APPOINTED: "State Does Not Appoint {entities}",
        Check.NO_RESIDENT_LICENSE: "No Active Resident License",
        Check.LICENSE_NOT_FOUND: "Required License Not Found",
        Check.LICENSE_NOT_ACTIVE: "Required License Not Active (Found)",
        Check.LINE_NOT_HELD: "Required License Not Found",
        Check.ALREADY_APPOINTED: "Already Appointed",
        Check.OPEN_TRANSACTION: "Open Transaction Exists",
    }
)

QUESTIONS: Mapping[Check, str] = MappingProxyType(
    {
        Check.COCODE_NOT_FOUND: "Does a company of yours have the CoCode?",
        Check.STATE_NOT_SET: "Does the company appoint in the state?",
        Check.COMPANY_LACKS_LOA: "Does the company support the requested category?",
        Check.OUTSIDE_ASSIGNMENT: "Is it within a producer assignment, if one is required?",
        Check.NO_BUSINESS_RULE: "Is there an active business rule for the state and category?",
        Check.ENTITY_NOT_APPOINTED: "Does the state appoint this kind of entity?",
        Check.NO_RESIDENT_LICENSE: "Is a resident license active and in date?",
        Check.LICENSE_NOT_FOUND: "Is there a license in the state?",
        Check.LICENSE_NOT_ACTIVE: "Is it active, in date, and does it hold a requested category?",
        Check.LINE_NOT_HELD: "Does an eligible license hold this line?",
        Check.ALREADY_APPOINTED: "Is no such appointment in force yet?",
        Check.OPEN_TRANSACTION: "Is no such transaction open?",
    }
)
"""What each check asks, such that yes is good."""

NOT_IN_FORCE = "not_in_force"
"""Why an appointment is not to be ended."""

ALREADY_LICENSED = "already_licensed"
"""Why a license is not to be applied for."""

ALREADY_RENEWED = "already_renewed"
"""Why a license is not to be renewed."""

OTHER_LABELS: Mapping[str, str] = MappingProxyType(
    {
        NOT_IN_FORCE: "Appointment Not In Force",
        ALREADY_LICENSED: "Already Licensed",
        ALREADY_RENEWED: "Already Renewed",
    }
)
"""The reasons that are no checks of eligibility."""

IN_GOOD_STANDING = "In Good Standing"
IN_GOOD_ORDER = "In Good Order"


def label_of(check: str, params: Params = NOTHING) -> str:
    """The Eligibility Reason in the dictionary's words; a check that is not known reads as it is."""
    if check not in LABELS:
        return OTHER_LABELS.get(check, check)
    known = Check(check)
    told = {**params}
    if known is Check.STATE_NOT_SET:
        told["state"] = states().get(str(params.get("state", "")), str(params.get("state", "")))
    return LABELS[known].format_map(_Blank(told))


class _Blank(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "…"


WAS_SENT = frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.RECORDED, Status.ACTION_REQUIRED})


def standing_of(status: str, reason: str, params: Params = NOTHING) -> str:
    """The Eligibility Reason of a transaction: that of its first failure, or that it is in good standing."""
    if reason:
        return label_of(reason, params)
    return IN_GOOD_ORDER if status in WAS_SENT else IN_GOOD_STANDING


REASON_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **{check.value: label_of(check) for check in CHECKS},
        # The dictionary has one wording for two of them, and names in others.
        Check.STATE_NOT_SET.value: "Company does not appoint in the requested State",
        Check.ENTITY_NOT_APPOINTED.value: "State Does Not Appoint Individuals/Agencies",
        Check.LICENSE_NOT_FOUND.value: f"{label_of(Check.LICENSE_NOT_FOUND)} (no license)",
        Check.LINE_NOT_HELD.value: f"{label_of(Check.LINE_NOT_HELD)} (line not held)",
        **OTHER_LABELS,
    }
)
"""Every reason to choose from, by its code; each label is one code's alone."""
