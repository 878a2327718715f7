"""What is found where transactions and batches are acted on."""

from __future__ import annotations

from muster.core import acting
from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

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
    )
)
