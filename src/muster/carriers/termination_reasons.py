"""The reasons for which appointments end where a request names none: defaults by state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from django.utils import timezone

from muster.access.models import Membership
from muster.audit.operations import EventKind, record
from muster.carriers.keeping import CannotKeep, writing
from muster.carriers.models import FilingSettings
from muster.carriers.queries import filing_settings_of
from muster.carriers.state_rules import rulebook_of
from muster.core.rules.keys import TERMINATIONS
from muster.core.rules.reasons import termination_reasons
from muster.core.words import states


class StateReasons(NamedTuple):
    """What a state takes, as names by code, and the organization's default; `is_known`: somebody has told.

    `needed` says in a word whether the state wants a reason: "yes", "no", or "unknown".
    """

    state: str
    name: str
    accepted: Mapping[str, str]
    is_known: bool
    default: str
    needed: str


def reasons_by_state(organization_id: int, *, today: date) -> list[StateReasons]:
    """Every state with the reasons that it takes today; all there are where nobody has told."""
    book, names = rulebook_of(organization_id), termination_reasons()
    defaults = filing_settings_of(organization_id).termination_reasons
    found = []
    for state, name in sorted(states().items(), key=itemgetter(1)):
        told = book.at(state, TERMINATIONS, "reasons", today).value
        codes = told if isinstance(told, tuple) else tuple(names)
        accepted = {code: names.get(code, code) for code in codes}
        needed = book.at(state, TERMINATIONS, "reason_needed", today).value
        found.append(
            StateReasons(
                state, name, accepted, told is not None, defaults.get(state, ""), str(needed or "unknown")
            )
        )
    return found


def set_termination_reasons(*, by: Membership, told: Mapping[str, str]) -> bool:
    """Write the defaults of these states, codes by state, on record; return whether that changed anything.

    A blank one is none; a state that is not told stays. Raises CannotKeep, PermissionDenied.
    """
    with writing(by):
        known = {one.state: one for one in reasons_by_state(by.organization_id, today=timezone.localdate())}
        wrong = {
            state: [f"{known[state].name} does not take this reason. Choose one of the list."]
            for state, code in told.items()
            if state in known and code and code not in known[state].accepted
        }
        if wrong:
            raise CannotKeep(wrong)
        before = {state: one.default for state, one in known.items() if one.default}
        after = before | {state: code for state, code in told.items() if state in known}
        after = {state: code for state, code in sorted(after.items()) if code}
        if after == before:
            return False
        FilingSettings.objects.update_or_create(
            organization_id=by.organization_id, defaults={"termination_reasons": after}
        )
        changed = sorted(state for state in known if before.get(state) != after.get(state))
        record(
            EventKind.SETTINGS_CHANGED,
            organization_id=by.organization_id,
            by_id=by.user_id,
            data={"of": "termination reasons", "changed": changed},
        )
        return True
