"""What stands against ending appointments, as findings: of a row that asks, and of one that is chosen."""

from __future__ import annotations

from muster.bulk.kinds import Row
from muster.core.acting import GONE
from muster.core.rules.reasons import termination_reasons
from muster.core.terminating import Problem, Told
from muster.core.transactions import number_told
from muster.core.words import states

CHOSEN_TWICE, CHOSEN_UNWATCHED = "TERM-E103", "TERM-E104"


def find_of_chosen(row: Row, told: Told, day: str) -> None:
    """Add the finding that tells a problem of an appointment that is chosen; `day` is that of its end."""
    params = words_of(told)
    state = params.pop("state", "")
    match told.problem:
        case Problem.COMPANY_UNKNOWN:
            row.find("TERM-E108", value=params["cocode"])
        case Problem.ENDED:
            row.find("TERM-E101", **params)
        case Problem.BEING_ENDED:
            row.find("TERM-E102", **params)
        case Problem.REASON_REFUSED:
            row.find("TERM-E105", value=state, **params)
        case Problem.REASON_MISSING:
            row.find("TERM-E106", value=state, **params)
        case Problem.DATE_REFUSED:
            row.find("TERM-E107", value=state, day=day, **params)
        case Problem.DATE_IGNORED:
            row.find("TERM-W003", value=state, state=state)
        case Problem.BEFORE_START:
            row.find("TERM-E109", value=day, **params)
        case Problem.REASON_OPEN:
            row.find("TERM-W005", value=state)
        case _:
            row.find(GONE)


def words_of(told: Told) -> dict[str, str]:
    """The parameters of a problem as its sentence has them."""
    params = dict(told.params)
    reasons = termination_reasons()
    if "state" in params:
        params["state"] = states().get(params["state"], params["state"])
    if "accepted" in params:
        params["accepted"] = ", ".join(reasons.get(one, one) for one in params["accepted"].split(";"))
    if "reason" in params:
        params["reason"] = reasons.get(params["reason"], params["reason"])
    if told.problem is Problem.ENDED:
        params["day"] = f" on {params['day']}" if params["day"] else ""
    if told.problem is Problem.BEING_ENDED:
        # What another row of the same file ends has no number yet.
        number = int(params["number"])
        params["number"] = f" by {number_told(number)}" if number else ""
    return params
