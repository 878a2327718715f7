"""What can stand against mailing somebody."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

NOTHING_WRITTEN = "MAIL-E001"
REMOVED = "MAIL-E002"
NO_ADDRESS = "MAIL-E003"
BAD_ADDRESS = "MAIL-E004"
OPTED_OUT = "MAIL-E005"
SAME_ADDRESS = "MAIL-E006"
NOT_KNOWN = "MAIL-W001"

extend(
    (
        entry(
            NOTHING_WRITTEN,
            Scope.ROWS,
            "Nothing written yet",
            "Nobody has said yet what the mail says, or the text has a fault.",
            "Write it, or choose a template, on this page.",
        ),
        entry(
            REMOVED,
            Scope.ROWS,
            "Removed",
            "The producer was removed, and gets no mail.",
            "Nothing, if that is right. A producer who was removed comes back by being added again.",
        ),
        entry(
            NO_ADDRESS,
            Scope.ROWS,
            "No email address",
            "No email address of the producer is known.",
            "Upload an Agent file with the address, then check again.",
        ),
        entry(
            BAD_ADDRESS,
            Scope.VALUES,
            "Not an email address",
            "{value} is not an email address to which mail can be sent.",
            "Upload an Agent file with the right address, then check again.",
        ),
        entry(
            OPTED_OUT,
            Scope.ROWS,
            "Opted out",
            "Somebody with this address wants no mailings of your organization.",
            "Nothing: only who reads mail there takes it back, by the link in any earlier mailing.",
        ),
        entry(
            SAME_ADDRESS,
            Scope.ROWS,
            "Address gets one already",
            "Somebody before in this mailing has the same address, which gets one mail.",
            "Nothing, if they share it. Else correct the address, then check again.",
        ),
        entry(
            NOT_KNOWN,
            Scope.VALUES,
            "Field not known",
            "{field} is not known of the producer: its place stays empty.",
            "Write words that stand in for it, such as {{{{ agency | your agency }}}}, or leave it out.",
        ),
    )
)
