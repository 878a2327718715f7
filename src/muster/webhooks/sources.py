"""Which table each type of event is made from, and by which statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from muster.audit.operations import EventKind
from muster.core.webhooks import EventType
from muster.webhooks.sql import statement

AUDIT = "audit_event"
HISTORY = "history_change"
STATUSES = "transactions_statuschange"
TABLES = (AUDIT, HISTORY, STATUSES)
"""Those that are only added to, from which everything is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How events of one type are made from rows of `table`; `parameters` are the statement's own."""

    table: str
    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        """The statement that makes events and deliveries. Takes type, organizations, after and upto."""
        return statement("add").replace("{facts}", statement(self.name))


def _of_portals(kind: EventKind) -> Source:
    """Producers whom events of the log name: in their `ids`, or as their subject."""
    return Source(table=AUDIT, name="of_portals", parameters={"kind": kind.value})


SOURCES: dict[EventType, Source] = {
    EventType.OPERATION_FINISHED: Source(table=AUDIT, name="operation_finished"),
    EventType.TRANSACTION_CHANGED: Source(table=STATUSES, name="transaction_changed"),
    EventType.LICENSE_CHANGED: Source(table=HISTORY, name="license_changed"),
    EventType.PRODUCER_INVITED: _of_portals(EventKind.PORTAL_INVITED),
    EventType.PRODUCER_REGISTERED: _of_portals(EventKind.PORTAL_REGISTERED),
    EventType.PRODUCER_REMOVED: Source(table=HISTORY, name="producer_removed"),
}
