"""What is found where transactions and batches are acted on, and where appointments are to end."""

from __future__ import annotations

from muster.core import acting
from muster.core.catalogue import Scope, entry
from muster.core.findings import extend
from muster.core.terminating import HELD_BACK

extend(
    (
        entry(
            acting.GONE,
            Scope.ROWS,
            "No longer there",
            "It was removed after it was selected.",
            "Nothing: there is nothing left to act on.",
        ),
        # Not applicable: the action makes no sense for it now.
        entry(
            acting.WRONG_STATUS,
            Scope.VALUES,
            "Its status does not allow it",
            "It is {value}. {applies}",
            "Nothing, if that is right. Its page says what can be done with it.",
        ),
        entry(
            acting.QUEUED,
            Scope.ROWS,
            "Queued already",
            "It was submitted before, and waits for its turn.",
            "Nothing: it goes to the registry by itself. To stop it, cancel it before it goes.",
        ),
        entry(
            acting.WAS_SENT,
            Scope.ROWS,
            "Was sent to the registry",
            "It was sent before it was closed or canceled, so it is not reopened: it could be filed twice.",
            "Request it anew. Muster sees then what the registry knows of it.",
        ),
        entry(
            acting.WAS_RETRIED,
            Scope.ROWS,
            "Retried already",
            "A retry of it is open, or was accepted.",
            "Go on with the retry: its page is linked from this one's.",
        ),
        entry(
            acting.WRONG_STATE,
            Scope.VALUES,
            "Not in a state for this",
            "The batch is {value}. {applies}",
            "Nothing, if that is right. Its page says what can be done with it.",
        ),
        entry(
            acting.NOTHING_WAITS,
            Scope.ROWS,
            "Nothing waits",
            "No transaction of the batch waits to be submitted.",
            "Nothing: look at its transactions for what became of each.",
        ),
        # Not allowed: it makes sense, and not for this person now.
        entry(
            acting.NOT_PERMITTED,
            Scope.ROWS,
            "Not permitted",
            "Your role does not let you do this.",
            "Ask an Agency Admin, or a colleague whose role does.",
        ),
        entry(
            acting.PREPARED_IT,
            Scope.ROWS,
            "You prepared it",
            "Your organization wants two people for a filing: one who prepares it, another who releases it.",
            "Ask a colleague who may release filings.",
        ),
        entry(
            acting.TOO_MANY,
            Scope.ROWS,
            "Too many in one submission",
            "The submission holds {count} transactions; the limit is {limit}. Nothing of it is submitted.",
            "Select fewer at a time, or have an Agency Admin raise the limit in the filing settings.",
        ),
        entry(
            acting.TOO_COSTLY,
            Scope.ROWS,
            "Fees above the limit",
            "The estimated fees of the submission are {fees}; the limit is {limit}. Nothing of it is "
            "submitted.",
            "Select fewer at a time, or have an Agency Admin raise the limit in the filing settings.",
        ),
        entry(
            acting.FEE_UNKNOWN,
            Scope.ROWS,
            "Fee not known",
            "Its fee is not known, so it does not count towards your limit of fees.",
            "Nothing, if you accept that. An Agency Admin can set the fee among the state's rules.",
        ),
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
            Scope.VALUES,
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
            Scope.VALUES,
            "Reason not accepted",
            "{state} does not take the reason “{reason}”. It takes: {accepted}.",
            "Use one of them.",
        ),
        entry(
            "TERM-E006",
            Scope.VALUES,
            "Reason missing",
            "{state} needs a reason, none is named, and you have no default for it. It takes: {accepted}.",
            "Fill in Termination Reason, or have an Agency Admin set a default for the state.",
        ),
        entry(
            "TERM-E007",
            Scope.VALUES,
            "Date refused",
            "{state} does not take the date {day}: {why}.",
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
            "TERM-E010",
            Scope.VALUES,
            "Not your company",
            "No company of yours has the CoCode {value}: its appointments are not yours to end.",
            "Mend the CoCode; or, if you file for the company, have an Agency Admin add it under Companies.",
        ),
        entry(
            "TERM-W001",
            Scope.VALUES,
            "Ended already",
            "The appointment for {line} with the company {cocode} in {state} has ended{day}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W002",
            Scope.VALUES,
            "Being ended already",
            "The appointment for {line} with the company {cocode} in {state} is being ended{number}.",
            "Nothing: it does not end twice.",
        ),
        entry(
            "TERM-W003",
            Scope.VALUES,
            "Date not taken",
            "{state} does not take the date of an end: the day on which it processes the filing counts.",
            "Nothing, if that is right.",
        ),
        entry(
            "TERM-W006",
            Scope.VALUES,
            "Another name",
            "The file says “{value}”; the NPN {npn} is that of {name}.",
            "See that the NPN is the right one: the appointments of its holder end.",
        ),
        entry(
            "TERM-W005",
            Scope.VALUES,
            "No reason given",
            "{value}: no reason is named, you have no default for it, and nobody has told whether it needs "
            "one. It is filed without one.",
            "Nothing, if that is right. Else name a reason, or have an Agency Admin set a default.",
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
        entry(
            "TERM-E108",
            Scope.VALUES,
            "Not your company",
            "No company of yours has the CoCode {value}: its appointments are not yours to end.",
            "If you file for the company, have an Agency Admin add it under Companies.",
        ),
    )
)
