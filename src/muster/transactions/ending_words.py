"""What stands against ending appointments, as findings: of a row that asks, and of one that is chosen."""

from __future__ import annotations

from muster.bulk.kinds import Row
from muster.core.acting import GONE
from muster.core.catalogue import Scope, entry
from muster.core.findings import extend
from muster.core.rules.reasons import termination_reasons
from muster.core.terminating import HELD_BACK, Problem, Told
from muster.core.transactions import number_told
from muster.core.words import states

CHOSEN_TWICE, CHOSEN_UNWATCHED = "TERM-E103", "TERM-E104"


def find_of_chosen(row: Row, told: Told, day: str) -> None:
    """Add the finding that tells a problem of an appointment that is chosen; `day` is that of its end."""
    params = words_of(told)
    state = params.pop("state")
    match told.problem:
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
            row.find("TERM-W003", state=state)
        case _:
            row.find(GONE)


def words_of(told: Told) -> dict[str, str]:
    """The parameters of a problem as its sentence has them."""
    params = dict(told.params)
    reasons = termination_reasons()
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


extend(
    (
        entry(
            "TERM-E001",
            Scope.VALUES,
            "Producer not on file",
            "No producer of yours has the NPN {value}.",
            "Use the NPN of one who is on file.",
        ),
        entry(
            "TERM-E002",
            Scope.VALUES,
            "Producer not watched",
            "The producer with the NPN {value} is not active: the registry is not asked about changes.",
            "Make the producer active first: else nobody would see whether the appointment has ended.",
        ),
        entry(
            "TERM-E003",
            Scope.ROWS,
            "No such appointment",
            "There is no appointment for {line} with the company {cocode} in {state}.",
            "See on the producer's page which appointments there are.",
        ),
        entry(
            "TERM-E004",
            Scope.VALUES,
            "Line not known",
            "“{value}” is neither an LOA category nor a line of authority of {state}{near}.",
            "Use the line as the appointment names it, or one of the accepted values.",
        ),
        entry(
            "TERM-E005",
            Scope.ROWS,
            "Reason not accepted",
            "{state} does not take the reason “{reason}”. It takes: {accepted}.",
            "Use one of them.",
        ),
        entry(
            "TERM-E006",
            Scope.ROWS,
            "Reason missing",
            "{state} needs a reason, none is named, and you have no default for it. It takes: {accepted}.",
            "Fill in Termination Reason, or have an Agency Admin set a default for the state.",
        ),
        entry(
            "TERM-E007",
            Scope.ROWS,
            "Date refused",
            "{state} does not take the date {value}: {why}.",
            "Use a date that the state takes, or leave Effective Date blank for the day of filing.",
        ),
        entry(
            "TERM-E008",
            Scope.ROWS,
            "Note missing",
            "An end for cause needs a note, and there is none.",
            "Say in Note what happened, or empty For Cause.",
        ),
        entry(
            "TERM-E009",
            Scope.ROWS,
            "Changed meanwhile",
            "The producer, or one of the appointments, changed after the row was checked.",
            "Check again.",
        ),
        entry(
            "TERM-W001",
            Scope.ROWS,
            "Ended already",
            "The appointment for {line} with the company {cocode} in {state} has ended{day}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W002",
            Scope.ROWS,
            "Being ended already",
            "The appointment for {line} with the company {cocode} in {state} is being ended{number}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W003",
            Scope.ROWS,
            "Date not taken",
            "{state} does not take the date of an end: the day on which it processes the filing counts.",
            "Nothing, if that is right.",
        ),
        entry(
            HELD_BACK,
            Scope.FILE,
            "Waits for release",
            "{filings} not submitted at once, because {why}.",
            "Nothing now. Somebody who releases filings submits them from the list of batches.",
        ),
        # Of an appointment that somebody has chosen.
        entry(
            "TERM-E101",
            Scope.ROWS,
            "Ended already",
            "It has ended{day}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-E102",
            Scope.ROWS,
            "Being ended already",
            "It is being ended{number}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-E103",
            Scope.ROWS,
            "Chosen twice",
            "It was chosen before among these.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-E104",
            Scope.ROWS,
            "Producer not watched",
            "The producer is not active: the registry is not asked about changes.",
            "Make the producer active first: else nobody would see whether the appointment has ended.",
        ),
        entry(
            "TERM-E105",
            Scope.VALUES,
            "Reason not accepted",
            "{value} does not take the reason “{reason}”. It takes: {accepted}.",
            "Choose one of them, or each state’s default.",
        ),
        entry(
            "TERM-E106",
            Scope.VALUES,
            "Reason missing",
            "{value} needs a reason, and you have no default for it. It takes: {accepted}.",
            "Choose one of them, or have an Agency Admin set a default for the state.",
        ),
        entry(
            "TERM-E107",
            Scope.VALUES,
            "Date refused",
            "{value} does not take the date {day}: {why}.",
            "Choose a date that the state takes, or none for the day of filing.",
        ),
    )
)
