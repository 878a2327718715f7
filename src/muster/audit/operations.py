"""Adding to the event log."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from muster.audit.models import Event


class EventKind(StrEnum):
    """What can be recorded: `thing:verb[:result]`. Names are never reused."""

    OPERATION_UPLOADED = "operation:upload"
    OPERATION_SELECTED = "operation:select"
    OPERATION_REQUESTED = "operation:request"
    OPERATION_STARTED = "operation:start"
    OPERATION_FINISHED = "operation:finish"
    OPERATION_CANCELED = "operation:cancel"
    OPERATION_RETRIED = "operation:retry"
    OPERATION_VALUE_MAPPED = "operation:map-value"
    RESULTS_DOWNLOADED = "operation:download-results"
    AGENCY_CREATED = "agency:create"
    COMPANY_CREATED = "company:create"
    COMPANY_CHANGED = "company:change"
    COMPANY_DELETED = "company:delete"
    COMPANY_STATE_SET = "company-state:set"
    COMPANY_STATE_REMOVED = "company-state:remove"
    BUSINESS_RULE_CREATED = "business-rule:create"
    BUSINESS_RULE_CHANGED = "business-rule:change"
    BUSINESS_RULE_DELETED = "business-rule:delete"
    PRODUCERS_ONBOARDED = "producer:onboard"
    TERRITORY_CREATED = "territory:create"
    TERRITORY_CHANGED = "territory:change"
    TERRITORY_DELETED = "territory:delete"
    PRODUCER_RESYNC = "producer:resync"
    PRODUCERS_REMOVED = "producer:remove"
    PRODUCERS_ADDED_AGAIN = "producer:add-again"
    REMOVAL_WAITS = "producer:remove:wait"
    REMOVAL_CALLED_OFF = "producer:remove:call-off"
    PORTAL_CREATED = "portal:create"
    PORTAL_CHANGED = "portal:change"
    PORTAL_CLOSED = "portal:close"
    PORTAL_INVITED = "portal:invite"
    PORTAL_REGISTERED = "portal:register"
    PORTAL_SEATS_CLOSED = "portal:close-seats"
    ACTION_REFUSED = "action:refuse"
    SYNC_REFUSED = "sync:refuse"
    ALERTS_REFUSED = "alerts:refuse"
    ALERTS_RUN = "alerts:run"
    TARGETS_ADDED = "alerts:add-targets"
    FILINGS_RELEASED = "filing:release"
    FILINGS_REFUSED = "filing:refuse"
    FIRST_BUSINESS_MARKED = "filing:first-business"
    RENEWALS_MADE = "license:renew"
    PAYER_CHANGED = "license:payer"
    PAYMENT_SET = "producer:set-payment"
    RULE_OVERRIDDEN = "rule:override"
    RULE_OVERRIDE_ENDED = "rule:override:end"
    CHANGES_EXPORTED = "changes:export"
    REPORT_EXPORTED = "report:export"
    REPORT_SCHEDULED = "report:schedule"
    REPORT_DELETED = "report:delete"
    SETTINGS_CHANGED = "settings:change"
    SSN_REVEALED = "producer:reveal-ssn"
    PORTAL_REFUSED = "portal:refuse"
    DOCUMENT_ADDED = "document:add"
    DOCUMENT_DELETED = "document:delete"
    DOCUMENT_READ = "document:read"
    EMAIL_SENT_AGAIN = "email:send-again"
    MAIL_TEMPLATE_KEPT = "mail-template:keep"
    MAIL_TEMPLATE_DELETED = "mail-template:delete"
    MAILINGS_OPTED_OUT = "mailing:opt-out"
    MAILINGS_OPTED_IN = "mailing:opt-in"
    PERSON_ADDED = "person:add"
    PERSON_INVITED = "person:invite"
    PERSON_CHANGED = "person:change"
    PERSON_DEACTIVATED = "person:deactivate"
    PERSON_REACTIVATED = "person:reactivate"
    TOKEN_CREATED = "token:create"  # noqa: S105  a name
    TOKEN_REVOKED = "token:revoke"  # noqa: S105  a name
    WEBHOOK_CREATED = "webhook:create"
    WEBHOOK_CHANGED = "webhook:change"
    WEBHOOK_ROTATED = "webhook:rotate"
    WEBHOOK_SWITCHED_ON = "webhook:switch-on"
    WEBHOOK_SWITCHED_OFF = "webhook:switch-off"
    WEBHOOK_DELETED = "webhook:delete"
    WEBHOOK_REPLAYED = "webhook:replay"
    USER_LOGGED_IN = "user:log-in"
    USER_LOGIN_FAILED = "user:log-in:failed"
    USER_LOGGED_OUT = "user:log-out"
    USER_PASSWORD_CHANGED = "user:change-password"  # noqa: S105  a name
    PASSWORD_GIVEN = "user:give-password"  # noqa: S105  a name
    USER_SECOND_FACTOR_ON = "user:second-factor:on"
    USER_SECOND_FACTOR_OFF = "user:second-factor:off"


def record(
    kind: EventKind,
    *,
    organization_id: int | None,
    by_id: int | None,
    operation_id: UUID | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Add one event, in the caller's transaction."""
    Event.objects.create(
        kind=kind,
        organization_id=organization_id,
        by_id=by_id,
        operation_id=operation_id,
        subject=subject,
        data=data or {},
    )
