"""What can stand against removing a producer."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

REMOVED_ALREADY = "REMOVE-E001"
WAITS_ALREADY = "REMOVE-E002"
DOES_NOT_WAIT = "REMOVE-E003"

extend(
    (
        entry(
            REMOVED_ALREADY,
            Scope.ROWS,
            "Removed already",
            "The producer was removed before.",
            "Nothing, if that is right. The producer's page says when, and by whom.",
        ),
        entry(
            WAITS_ALREADY,
            Scope.ROWS,
            "Waits to be removed already",
            "The producer is removed as soon as the terminations are accepted, as somebody has asked before.",
            "Nothing, or remove the producer at once.",
        ),
        entry(
            DOES_NOT_WAIT,
            Scope.ROWS,
            "Does not wait to be removed",
            "Nobody has asked for a removal, it was called off before, or the producer is removed.",
            "Nothing, if that is right. A producer who was removed comes back by being added again.",
        ),
    )
)
