"""Every URL of the site and who gets what there.

One row a URL and method. `make` puts what the URL is about into an organization and returns the URL's
arguments; `data` is what a form would post. The statuses are those of a person in that organization, by role,
of an Agency Admin of another organization (who must not learn that the thing exists), and of nobody.

Not yours is 404, not allowed is 403, not logged in is 302 to the log-in page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from muster.access.models import Organization
from muster.access.permissions import Role
from muster.access.tokens import make_token
from muster.carriers.state_rules import override_rule
from muster.core.table import Question
from muster.maps.shapes import version
from muster.notices.models import Email, EmailState
from muster.reports.keeping import save_view
from muster.reports.saved import save_report
from muster.reports.subject import subject_named
from tests.make import (
    make_agency,
    make_appointment,
    make_business_rule,
    make_company,
    make_member,
    make_producer,
    make_transaction,
)
from tests.transactions.acting import start
from tests.transactions.test_terminate import check
from tests.transactions.test_terminate import row as ending_row
from tests.web.import_makers import make_processed, make_upload, row

Make = Callable[[Organization], dict[str, Any]]


def nothing(organization: Organization) -> dict[str, Any]:
    """For URLs without arguments."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What each kind of person gets from one URL."""

    name: str
    viewer: int
    specialist: int
    submitter: int
    admin: int
    outsider: int
    anonymous: int = 302
    method: str = "get"
    make: Make = nothing
    data: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def readers(name: str, **over: Any) -> Row:
    """A page of one's own organization for everybody who works there."""
    return Row(**{"name": name, **dict.fromkeys(STAFF, 200), "outsider": 200, **over})


def admins(name: str, **over: Any) -> Row:
    """A page of one's own organization for its Agency Admins."""
    return Row(**{"name": name, **dict.fromkeys(STAFF, 403), "admin": 200, "outsider": 200, **over})


def everybody(name: str, **over: Any) -> Row:
    """A page that asks for no log-in."""
    return Row(**{"name": name, **dict.fromkeys(STAFF, 200), "outsider": 200, "anonymous": 200, **over})


STAFF = ("viewer", "specialist", "submitter", "admin")
PEOPLE = ("anonymous", *STAFF, "outsider")
LED = dict.fromkeys(STAFF, 302)
"""Everybody who works there is led on."""


def a_person(organization: Organization) -> dict[str, Any]:
    """A person's place in the organization."""
    return {"person_id": make_member(organization, Role.VIEWER).pk}


RIGHTS = {"role": "submitter"}


SHELL = [
    everybody("healthz"),
    everybody("us-map", make=lambda _: {"named": version()}),
    readers("home"),
    readers("account"),
    admins("people"),
    admins("person-new"),
    admins(
        "person-new",
        method="post",
        data={"email": "new@harbor.example", **RIGHTS},
        admin=302,
        outsider=302,
    ),
    admins("person", make=a_person, outsider=404),
    admins("person", method="post", make=a_person, data=RIGHTS, admin=302, outsider=404),
    admins("person-deactivate", method="post", make=a_person, admin=302, outsider=404),
    admins("person-reactivate", method="post", make=a_person, admin=302, outsider=404),
    admins("person-invite", method="post", make=a_person, admin=302, outsider=404),
    admins("activity"),
    # Without an organization that is theirs, everybody gets the same answer.
    readers("switch-organization", method="post", **dict.fromkeys(STAFF, 404), outsider=404),
]


def mail(organization: Organization) -> dict[str, Any]:
    email = Email.objects.create(
        organization=organization,
        kind="test",
        to="ann@harbor.example",
        subject="Hello",
        text="Hello",
        html="<p>Hello</p>",
        message_id=f"<{uuid4().hex}@harbor.example>",
        state=EmailState.FAILED,
    )
    return {"email_id": email.pk}


MAIL = [
    admins("mail-list"),
    admins("mail-detail", make=mail, outsider=404),
    admins("mail-body", make=mail, outsider=404),
    admins("mail-send-again", method="post", make=mail, admin=302, outsider=404),
]


def an_import(organization: Organization) -> dict[str, Any]:
    """An upload that waits on its check page, with one value to mend."""
    return {"operation_id": make_upload(make_member(organization), [row("12a"), row(1001)]).pk}


def an_import_of_ends(organization: Organization) -> dict[str, Any]:
    """A file that ends an appointment, and waits on its check page."""
    producer = make_producer(organization)
    make_company(organization)
    make_appointment(producer)
    return {"operation_id": check(make_member(organization), ending_row(producer)).pk}


def a_processed_import(organization: Organization) -> dict[str, Any]:
    return {"operation_id": make_processed(make_member(organization), [row(1001), row("12a")]).pk}


def importers(name: str, **over: Any) -> Row:
    """For those who may import. What an action answers is the way back to the import's page."""
    allowed = over.pop("allowed", 302)
    return Row(
        **{
            "name": name,
            "make": an_import,
            "viewer": 403,
            "submitter": 403,
            "specialist": allowed,
            "admin": allowed,
            "outsider": 404,
            **over,
        }
    )


IMPORTS = [
    readers("import-list"),
    importers("import-new", make=nothing, allowed=200, outsider=200),
    importers("import-new", method="post", make=nothing, allowed=404),
    importers(
        "import-template",
        make=lambda organization: {"kind": "agent", "file_format": "csv"},
        allowed=200,
        outsider=200,
    ),
    readers("import-detail", make=an_import, outsider=404),
    readers("import-progress", make=an_import, **dict.fromkeys(STAFF, 302), outsider=404),
    readers("import-findings", make=an_import, outsider=404),
    readers("import-values", make=an_import, data={"code": "NPN-E001", "field": "Agent NPN"}, outsider=404),
    readers("import-planned", make=an_import_of_ends, outsider=404),
    readers("import-rows", make=an_import, **dict.fromkeys(STAFF, 302), outsider=404),
    readers("import-sync", make=an_import, **dict.fromkeys(STAFF, 302), outsider=404),
    importers("import-process", method="post"),
    importers("import-cancel", method="post"),
    importers("import-check-again", method="post", make=a_processed_import),
    importers(
        "import-map-value",
        method="post",
        data={"field": "Agent NPN", "value": "12a", "replacement": "12"},
    ),
    importers("import-take-suggestions", method="post", data={"field": "States", "code": "STATE-E002"}),
    importers("import-create-agency", method="post", data={"npn": "999", "name": "Birch Agency"}),
    importers("import-results", make=a_processed_import, allowed=200),
]


def a_producer(organization: Organization) -> dict[str, Any]:
    """A producer's NPN."""
    return {"npn": make_producer(organization).npn}


def a_producer_id(organization: Organization) -> dict[str, Any]:
    """A producer's id."""
    return {"producer_id": make_producer(organization).pk}


def an_agency(organization: Organization) -> dict[str, Any]:
    """An agency's id."""
    return {"agency_id": make_agency(organization).pk}


def syncers(name: str, *, allowed: int, **over: Any) -> Row:
    """For those who may ask the registry again: everybody who works there but Viewers."""
    return Row(name=name, **{**dict.fromkeys(STAFF, allowed), "viewer": 403, **over})


def managers(name: str, *, allowed: int, **over: Any) -> Row:
    """For those who may add agencies, or prepare filings: Licensing Specialists and Agency Admins."""
    return Row(name=name, **{**dict.fromkeys(STAFF, 403), "specialist": allowed, "admin": allowed, **over})


PRODUCERS = [
    readers("producer-list"),
    readers("producer-detail", make=a_producer, outsider=404),
    readers("producer-by-id", make=a_producer_id, **dict.fromkeys(STAFF, 302), outsider=404),
    readers("producer-sync", make=a_producer, outsider=404),
    syncers("producer-resync", method="post", make=a_producer, allowed=302, outsider=404),
    readers("producer-ssn", make=a_producer, outsider=404),
    # Nobody may open an SSN by their role alone.
    readers("producer-ssn", method="post", make=a_producer, **dict.fromkeys(STAFF, 403), outsider=404),
    readers("agency-list"),
    readers("agency-detail", make=an_agency, **dict.fromkeys(STAFF, 302), outsider=404),
    managers("agency-new", allowed=200, outsider=200),
    managers("agency-new", method="post", data={"name": "Birch Agency"}, allowed=302, outsider=302),
]

RECORDS = [
    readers("license-list"),
    readers("fee-ledger"),
    readers("fee-ledger-export"),
    readers("appointment-list"),
    readers("scorecard-list"),
    readers("renewal-list"),
    readers("renewal-export"),
    managers("renewal-terminate", method="post", data={"all": "yes"}, allowed=302, outsider=302),
]

REMINDERS = [
    readers("reminder-list"),
    syncers("reminder-done", method="post", allowed=302, outsider=302),
    syncers("reminder-undo", method="post", allowed=302, outsider=302),
    admins("reminder-settings"),
    admins(
        "reminder-settings",
        method="post",
        data={"days": ["30"], "in_console": "on"},
        admin=302,
        outsider=302,
    ),
]

CHANGES = [readers("change-list"), readers("change-export")]


def a_report(organization: Organization) -> dict[str, Any]:
    """A report that an Agency Admin of the organization saved and shares."""
    report = save_report(
        by=make_member(organization),
        subject=subject_named("transactions"),
        question=Question(),
        name="Filings",
        is_shared=True,
    )
    return {"report_id": report.pk}


def about(**more: str) -> Make:
    """A report about transactions, of which there is one."""

    def make(organization: Organization) -> dict[str, Any]:
        make_transaction(make_producer(organization))
        return {"name": "transactions", **more}

    return make


REPORTS = [
    readers("report-list"),
    readers("report-new"),
    readers("report-shipped", make=lambda _: {"slug": "appointments-to-terminate"}, **LED, outsider=302),
    readers("report", make=a_report, **LED, outsider=404),
    readers("report-build", make=about()),
    readers("report-count", make=about()),
    readers("report-groups", make=about()),
    readers("report-export", make=about(file_format="csv")),
    readers("report-export", make=about(file_format="xlsx")),
    readers("report-save", make=about()),
    readers("report-save", method="post", make=about(), data={"name": "Mine"}, **LED, outsider=302),
    readers(
        "report-act",
        method="post",
        make=about(),
        data={"action": "close-transactions"},
        viewer=403,
        submitter=403,
        specialist=302,
        admin=302,
        outsider=302,
    ),
    # What a colleague saved is changed by the colleague alone; an Agency Admin may delete it.
    readers("report-keep", method="post", make=a_report, **dict.fromkeys(STAFF, 403), outsider=404),
    readers("report-settings", make=a_report, **dict.fromkeys(STAFF, 403), outsider=404),
    readers("report-settings", method="post", make=a_report, **dict.fromkeys(STAFF, 403), outsider=404),
    admins("report-delete", make=a_report, outsider=404),
    admins("report-delete", method="post", make=a_report, admin=302, outsider=404),
    readers("report-mail", make=a_report, **dict.fromkeys(STAFF, 403), outsider=404),
    readers("report-mail", method="post", make=a_report, **dict.fromkeys(STAFF, 403), outsider=404),
]

REGISTRY = [
    readers("registry"),
    admins("registry-fetch", method="post", admin=302, outsider=302),
    admins("registry-subscription"),
    admins("registry-subscription", method="post", admin=302, outsider=302),
    admins("registry-resync"),
    admins("registry-resync", method="post", admin=302, outsider=302),
]

APPOINTING = [
    managers("appoint", make=a_producer, allowed=200, outsider=404),
    managers("appoint", method="post", make=a_producer, allowed=200, outsider=404),
    managers("scorecard-appoint", allowed=200, outsider=200),
    managers("scorecard-appoint", method="post", allowed=200, outsider=200),
]


def a_company(organization: Organization) -> dict[str, Any]:
    """A company's CoCode."""
    return {"cocode": make_company(organization).cocode}


def a_rule(organization: Organization) -> dict[str, Any]:
    """A business rule's id."""
    return {"rule_id": make_business_rule(organization).pk}


A_RULE = {"state": "TX", "line_name": "Life", "categories": ["life"]}

CARRIERS = [
    readers("company-list"),
    admins("company-new"),
    admins(
        "company-new",
        method="post",
        data={"cocode": "90199", "name": "Birch Life"},
        admin=302,
        outsider=302,
    ),
    readers("company-detail", make=a_company, outsider=404),
    admins("company-edit", make=a_company, outsider=404),
    admins("company-edit", method="post", make=a_company, data={"name": "B"}, admin=302, outsider=404),
    admins("company-categories", method="post", make=a_company, admin=302, outsider=404),
    admins("company-states", method="post", make=a_company, admin=302, outsider=404),
    admins("company-states-add", method="post", make=a_company, data={"add": "TX"}, admin=302, outsider=404),
    admins("company-delete", make=a_company, outsider=404),
    admins("company-delete", method="post", make=a_company, admin=302, outsider=404),
    readers("business-rule-list"),
    admins("business-rule-new"),
    admins("business-rule-new", method="post", data=A_RULE, admin=302, outsider=302),
    admins("business-rule-switch", method="post", admin=302, outsider=302),
    admins("business-rule-starting-set", method="post", data={"state": "CA"}, admin=302, outsider=302),
    admins("business-rule", make=a_rule, outsider=404),
    admins("business-rule", method="post", make=a_rule, data=A_RULE, admin=302, outsider=404),
    admins("business-rule-delete", make=a_rule, outsider=404),
    admins("business-rule-delete", method="post", make=a_rule, admin=302, outsider=404),
    readers("filing-settings"),
    admins("filing-settings", method="post", data={"most_filings": "5"}, admin=302, outsider=302),
    readers("termination-reasons"),
    admins("termination-reasons", method="post", data={"CA": "death"}, admin=302, outsider=302),
]


def a_key(organization: Organization) -> dict[str, Any]:
    """A key of a state's rules."""
    return {"code": "CA", "topic": "appointing", "key": "backdate_days"}


def an_own_value(organization: Organization) -> dict[str, Any]:
    """The id of an organization's own value of a state's rule."""
    own = override_rule(
        by=make_member(organization),
        state="CA",
        topic="appointing",
        key="backdate_days",
        value=10,
        starts_on=timezone.localdate(),
        reason="A letter of the state.",
        now=timezone.now(),
    )
    return {"override_id": own.pk}


AN_OWN_VALUE = {"value": "10", "starts_on": "2026-05-01", "reason": "A letter of the state."}

STATE_RULES = [
    readers("state-rule-list"),
    readers("state-rules", make=lambda _: {"code": "CA"}),
    admins("state-rule-override", make=a_key),
    admins("state-rule-override", method="post", make=a_key, data=AN_OWN_VALUE, admin=302, outsider=302),
    admins("state-rule-end", make=an_own_value, outsider=404),
    admins("state-rule-end", method="post", make=an_own_value, admin=302, outsider=404),
]


def a_transaction(organization: Organization) -> dict[str, Any]:
    """A transaction's number."""
    return {"number": make_transaction(make_producer(organization)).number}


def a_batch(organization: Organization) -> dict[str, Any]:
    """The number of a batch of which something waits."""
    return {"number": make_transaction(make_producer(organization)).batch.number}


def an_action(organization: Organization) -> dict[str, Any]:
    """An action of those who prepare filings, which waits to be confirmed."""
    one = make_transaction(make_producer(organization))
    return {"operation_id": start(make_member(organization), "close-transactions", [one]).pk}


def preparers(name: str, *, allowed: int, **over: Any) -> Row:
    """For those who prepare filings: Licensing Specialists and Agency Admins."""
    return managers(name, allowed=allowed, **{"outsider": 404, **over})


def releasers(name: str, **over: Any) -> Row:
    """For those who release filings: Submitters and Agency Admins."""
    return Row(
        name=name,
        **{**dict.fromkeys(STAFF, 403), "submitter": 302, "admin": 302, "method": "post", **over},
    )


CLOSE = {"action": "close-transactions", "reason": "Not wanted"}

FILINGS = [
    preparers("producer-apply", make=a_producer, allowed=200),
    preparers("producer-apply", method="post", make=a_producer, allowed=422),
    preparers("producer-renew", method="post", make=a_producer, allowed=302),
    preparers("producer-payment", method="post", make=a_producer, allowed=302),
    readers("transaction-list"),
    readers("transaction-detail", make=a_transaction, outsider=404),
    preparers("transaction-do", method="post", make=a_transaction, data=CLOSE, allowed=302),
    releasers("transaction-do", make=a_transaction, data={"action": "submit-transactions"}, outsider=404),
    preparers(
        "transaction-payer", method="post", make=a_transaction, data={"paid_by": "agency"}, allowed=302
    ),
    preparers(
        "transaction-first-business",
        method="post",
        make=a_transaction,
        data={"on": "2026-01-02"},
        allowed=302,
    ),
    readers("batch-list"),
    preparers("batch-act", method="post", data={"action": "review-batches"}, allowed=302, outsider=302),
    releasers("batch-act", data={"action": "submit-batches", "all": "yes"}, outsider=302),
    readers("batch-detail", make=a_batch, outsider=404),
    preparers("producer-terminate", method="post", make=a_producer, allowed=302),
    preparers("batch-do", method="post", make=a_batch, data={"action": "review-batches"}, allowed=302),
    releasers("batch-do", make=a_batch, data={"action": "submit-batches"}, outsider=404),
    preparers("operation-detail", make=an_action, allowed=200),
    preparers("operation-progress", make=an_action, allowed=302),
    preparers("operation-do", method="post", make=an_action, data={"reason": "Not wanted"}, allowed=302),
    preparers("operation-cancel", method="post", make=an_action, allowed=302),
    preparers("operation-undo", method="post", make=an_action, allowed=404),
    preparers("operation-check-again", method="post", make=an_action, allowed=302),
    preparers("operation-results", make=an_action, allowed=200),
]


def a_list(organization: Organization) -> dict[str, Any]:
    """One of the lists."""
    return {"name": "transactions"}


def a_view(organization: Organization) -> dict[str, Any]:
    """A shared view of a list that somebody else keeps."""
    keeper = make_member(organization)
    view = save_view(by=keeper, page="transactions", name="Mine", query="?state=CA", is_shared=True)
    return {"name": "transactions", "view_id": view.pk}


SUBMIT = {"action": "submit-transactions", "all": "yes"}
LISTS = [
    preparers("list-act", method="post", make=a_list, data=CLOSE, allowed=302, outsider=302),
    releasers("list-act", make=a_list, data=SUBMIT, outsider=302),
    readers("list-groups", make=a_list, data={"group": "status"}),
    readers("list-export", make=a_list),
    readers("list-filter", make=a_list, data={"field": "line"}, **dict.fromkeys(STAFF, 302), outsider=302),
    readers("list-columns", make=a_list, **dict.fromkeys(STAFF, 302), outsider=302),
    readers("list-view-save", method="post", make=a_list, **dict.fromkeys(STAFF, 302), outsider=302),
    # Only who keeps a view deletes it.
    readers("list-view-delete", method="post", make=a_view, **dict.fromkeys(STAFF, 403), outsider=404),
    readers("list-view-default", method="post", make=a_view, **dict.fromkeys(STAFF, 302), outsider=404),
]

ROWS: list[Row] = [
    *LISTS,
    *FILINGS,
    *STATE_RULES,
    *CARRIERS,
    *APPOINTING,
    *REGISTRY,
    *REMINDERS,
    *RECORDS,
    *SHELL,
    *CHANGES,
    *REPORTS,
    *MAIL,
    *IMPORTS,
    *PRODUCERS,
]


def a_token(organization: Organization) -> dict[str, Any]:
    """A token that acts as an Agency Admin of the organization."""
    member = make_member(organization)
    token, _ = make_token(by=member, acts_as=member, name="quotes", expires_at=None)
    return {"token_id": token.pk}


TOKENS = [
    admins("api-tokens"),
    admins("api-token-new"),
    # A form that says too little is shown again.
    admins("api-token-new", method="post"),
    admins("api-token-revoke", make=a_token, outsider=404),
    admins("api-token-revoke", method="post", make=a_token, admin=302, outsider=404),
]
ROWS += TOKENS


def covered(rows: Iterable[Row]) -> set[str]:
    return {row.name for row in rows}
