"""The words for each kind of event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from muster.access.permissions import ROLE_LABELS, Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.bulk.kinds import SelectionKind, selection_kinds
from muster.console.activity import carriers, rules, webhooks
from muster.core.counting import counted
from muster.core.licensing import PAYER_LABELS
from muster.core.transactions import number_told

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of event is told: icon, color of the kit, what was done, and whether a job did it."""

    icon: str
    text: Callable[[Data], str]
    color: str = "secondary"
    by_job: bool = False


def tell(event: Event) -> Words:
    """The words for an event; a kind that this version does not know is told by its name."""
    return WORDS.get(event.kind, Words("point", lambda data: f"did something new to this page: {event.kind}"))


def _count(number: Any, one: str) -> str:
    return counted(number, f"{one},{one}s") if isinstance(number, int) else f"{one}s"


def _quoted(value: Any, otherwise: str) -> str:
    return f"“{value}”" if value else otherwise


def _action(data: Data) -> SelectionKind | None:
    """The kind of a bulk action; None for an import."""
    return next((kind for kind in selection_kinds() if kind.name == data.get("kind")), None)


def _chosen(data: Data, action: SelectionKind) -> str:
    rows = data.get("rows")
    return counted(rows, f"{action.one},{action.many}") if isinstance(rows, int) else action.many


def _selected(data: Data) -> str:
    if action := _action(data):
        return f"selected {_chosen(data, action)} to {action.aim or action.verb.lower()}"
    return f"selected {_count(data.get('rows'), 'record')} for a bulk action"


def _refused(data: Data) -> str:
    action = _action(data)
    return f"was refused an action: {action.label.lower()}" if action else "was refused an action"


def _started(data: Data) -> str:
    if action := _action(data):
        return f"had {_chosen(data, action)} {action.done}"
    return f"started an import of {_count(data.get('rows'), 'row')}"


def _outcomes(data: Data) -> str:
    outcomes = data.get("outcomes") or {}
    if action := _action(data):
        refused = outcomes.get("rejected", 0)
        done = sum(count for outcome, count in outcomes.items() if outcome != "rejected")
        what = counted(done, f"{action.one},{action.many}")
        return f"finished: {what} {action.done}" + (f", {refused:,} refused" if refused else "")
    told = [f"{count:,} {outcome}" for outcome, count in outcomes.items() if count]
    return f"finished an import: {', '.join(told)}" if told else "finished an import"


def _canceled(data: Data) -> str:
    action = _action(data)
    return f"stopped an action: {action.label.lower()}" if action else "canceled an import"


def _checked_again(data: Data) -> str:
    if action := _action(data):
        aim = action.aim or f"{action.verb.lower()} them"
        return f"had {_chosen(data, action)} checked again, to {aim}"
    return f"had {_count(data.get('rows'), 'row')} of an import checked again"


def _mapped(data: Data) -> str:
    column = _quoted(data.get("field"), "a column")
    return (
        f"had {_quoted(data.get('value'), 'a value')} in {column}"
        f" read as {_quoted(data.get('replacement'), 'another')}"
    )


def _downloaded(data: Data) -> str:
    rows = "the failed rows" if data.get("only_failed") else "the results"
    of = "an action" if _action(data) else "an import"
    return f"downloaded {rows} of {of}{', with SSNs in clear' if data.get('ssn_in_clear') else ''}"


def _failed_login(data: Data) -> str:
    return f"could not log in as {data.get('email') or 'somebody'}: wrong password or unknown account"


def _whom(data: Data) -> str:
    return str(data.get("email") or "somebody")


def _token(data: Data) -> str:
    hint = f" ({data['hint']})" if data.get("hint") else ""
    return f"{_quoted(data.get('name'), 'without a name')}{hint}"


def _report(data: Data) -> str:
    return _quoted(data.get("name") or data.get("of"), "without a name")


def _role(data: Data) -> str:
    role = data.get("role")
    return ROLE_LABELS[Role(role)] if role in set(Role) else "somebody new to this page"


def _added(data: Data) -> str:
    sees = ", who may see SSNs" if data.get("can_see_ssn") else ""
    return f"added {_whom(data)} as {_role(data)}{_limits(data)}{sees}"


def _payer(data: Data) -> str:
    number, payer = data.get("number"), PAYER_LABELS.get(str(data.get("paid_by")), "nobody yet")
    which = number_told(number) if isinstance(number, int) else "a transaction"
    return f"said that {payer.lower()} pays for {which}"


def _limits(data: Data) -> str:
    limits = data.get("agency_ids")
    return f" for {counted(len(limits), 'agency,agencies')} only" if limits else ""


def _changed(data: Data) -> str:
    before = data.get("before") or {}
    told = []
    if before.get("role") != data.get("role"):
        told.append(f"changed the role of {_whom(data)} from {_role(before)} to {_role(data)}")
    if before.get("can_see_ssn") != data.get("can_see_ssn"):
        told.append(f"{'let' if data.get('can_see_ssn') else 'no longer lets'} {_whom(data)} see SSNs")
    if before.get("agency_ids") != data.get("agency_ids"):
        told.append(f"let {_whom(data)} work{_limits(data) or ' for the whole organization'}")
    return " and ".join(told) or f"changed what {_whom(data)} may do"


def _days(data: Data) -> str:
    return ", ".join(_day(str(day)) for day in data.get("days") or ()) or "the day"


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day:%b} {day.day}"


SETTING_WORDS = {
    "days": "days before",
    "in_console": "the list on the page",
    "by_email": "the daily mail",
    "roles": "the mail goes to",
}


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        names = {role.value: ROLE_LABELS[role] for role in Role}
        return ", ".join(names.get(str(one), str(one)) for one in value) or "none"
    return str(value)


def _settings(data: Data) -> str:
    if data.get("of") == "filing":
        return carriers.filing_changed(data)
    told = []
    for name, values in (data.get("changed") or {}).items():
        if not isinstance(values, dict):
            continue
        before, after = _setting(values.get("before")), _setting(values.get("after"))
        words = SETTING_WORDS.get(name, name)
        told.append(
            f"{words}: {after}"
            if isinstance(values.get("after"), bool)
            else f"{words}: {after} (was {before})"
        )
    of = f"changed the settings of {data.get('of') or 'the organization'}"
    return f"{of}: {'; '.join(told)}" if told else of


def _portal(data: Data) -> str:
    return _quoted(data.get("name"), "without a name")


def _invited(data: Data) -> str:
    told = f"invited {_count(data.get('invited', 0), 'producer')} to the portal {_portal(data)}"
    again = data.get("again")
    return f"{told}, and {_count(again, 'producer')} again" if again else told


def _always(words: str) -> Callable[[Data], str]:
    return lambda data: words


WORDS: dict[str, Words] = {
    EventKind.OPERATION_UPLOADED: Words(
        "upload", lambda data: f"uploaded {_quoted(data.get('file'), 'a file')}", "blue"
    ),
    EventKind.OPERATION_SELECTED: Words("list-check", _selected, "blue"),
    EventKind.OPERATION_REQUESTED: Words(
        "clipboard-plus", lambda data: f"asked for {_count(data.get('rows'), 'appointment request')}", "blue"
    ),
    EventKind.OPERATION_STARTED: Words("player-play", _started, "blue"),
    EventKind.OPERATION_FINISHED: Words("circle-check", _outcomes, "green", by_job=True),
    EventKind.OPERATION_CANCELED: Words("ban", _canceled, "orange"),
    EventKind.OPERATION_RETRIED: Words("refresh", _checked_again, "blue"),
    EventKind.OPERATION_VALUE_MAPPED: Words("arrows-right-left", _mapped, "blue"),
    EventKind.RESULTS_DOWNLOADED: Words("download", _downloaded),
    EventKind.AGENCY_CREATED: Words(
        "building-store",
        lambda data: f"created the agency {_quoted(data.get('name'), 'named in the file')}",
        "green",
    ),
    EventKind.COMPANY_CREATED: Words("building-bank", carriers.company_created, "green"),
    EventKind.COMPANY_CHANGED: Words("building-bank", carriers.company_changed, "orange"),
    EventKind.COMPANY_DELETED: Words("building-bank", carriers.company_deleted, "red"),
    EventKind.COMPANY_STATE_SET: Words("map-pin", carriers.states_set, "orange"),
    EventKind.COMPANY_STATE_REMOVED: Words("map-pin-off", carriers.states_removed, "orange"),
    EventKind.BUSINESS_RULE_CREATED: Words("list-details", carriers.rule_created, "green"),
    EventKind.BUSINESS_RULE_CHANGED: Words("list-details", carriers.rule_changed, "orange"),
    EventKind.BUSINESS_RULE_DELETED: Words("list-details", carriers.rule_deleted, "red"),
    EventKind.PRODUCERS_REMOVED: Words(
        "user-minus", lambda data: f"removed {_count(data.get('producers'), 'producer')}", "red"
    ),
    EventKind.PRODUCERS_ADDED_AGAIN: Words(
        "user-plus",
        lambda data: f"added {_count(data.get('producers'), 'producer')} again who had been removed",
        "green",
    ),
    EventKind.REMOVAL_WAITS: Words(
        "hourglass",
        lambda data: (
            f"had {_count(data.get('producers'), 'producer')} wait to be removed until terminations are"
            " accepted"
        ),
        "orange",
    ),
    EventKind.REMOVAL_CALLED_OFF: Words(
        "user-check", lambda data: f"called off the removal of {_count(data.get('producers'), 'producer')}"
    ),
    EventKind.PORTAL_CREATED: Words(
        "door-enter",
        lambda data: f"made the portal {_portal(data)} with {_count(data.get('seats'), 'seat')}",
        "green",
    ),
    EventKind.PORTAL_CHANGED: Words(
        "door-enter",
        lambda data: f"changed the portal {_portal(data)}: {_count(data.get('seats'), 'seat')}",
        "orange",
    ),
    EventKind.PORTAL_CLOSED: Words(
        "door-off",
        lambda data: f"closed the portal {_portal(data)}, with {_count(data.get('users'), 'portal user')}",
        "red",
    ),
    EventKind.PORTAL_INVITED: Words("user-share", _invited, "blue"),
    EventKind.PORTAL_REGISTERED: Words(
        "door-enter", lambda data: f"registered in the portal {_portal(data)}", "green"
    ),
    EventKind.PORTAL_SEATS_CLOSED: Words(
        "user-off", lambda data: f"closed {_count(data.get('users'), 'seat')} in portals", "orange"
    ),
    EventKind.ACTION_REFUSED: Words("hand-stop", _refused, "red"),
    EventKind.PRODUCERS_ONBOARDED: Words(
        "user-plus", lambda data: f"onboarded {_count(data.get('producers', 1), 'producer')}", "green"
    ),
    EventKind.MAIL_TEMPLATE_KEPT: Words(
        "template", lambda data: f"kept the mail template {_quoted(data.get('name'), 'without a name')}"
    ),
    EventKind.MAIL_TEMPLATE_DELETED: Words(
        "template-off",
        lambda data: f"deleted the mail template {_quoted(data.get('name'), 'without a name')}",
        "red",
    ),
    EventKind.MAILINGS_OPTED_OUT: Words(
        "mail-off", lambda data: f"opted {data.get('address', 'an address')} out of mailings", "orange"
    ),
    EventKind.MAILINGS_OPTED_IN: Words(
        "mail", lambda data: f"opted {data.get('address', 'an address')} into mailings again"
    ),
    EventKind.TERRITORY_CREATED: Words(
        "map-2", lambda data: f"made the territory {_quoted(data.get('name'), 'without a name')}", "green"
    ),
    EventKind.TERRITORY_CHANGED: Words(
        "map-2", lambda data: f"changed the territory {_quoted(data.get('name'), 'without a name')}", "orange"
    ),
    EventKind.TERRITORY_DELETED: Words(
        "map-2", lambda data: f"deleted the territory {_quoted(data.get('name'), 'without a name')}", "red"
    ),
    EventKind.PRODUCER_RESYNC: Words(
        "refresh",
        lambda data: f"asked the registry again for {_count(data.get('producers', 1), 'producer')}",
        "blue",
    ),
    EventKind.SYNC_REFUSED: Words(
        "plug-x", _always("could not sync: the registry refused our user name or password"), "red"
    ),
    EventKind.ALERTS_REFUSED: Words(
        "plug-x",
        _always("could not fetch the daily alerts: the registry refused our user name or password"),
        "red",
        by_job=True,
    ),
    EventKind.ALERTS_RUN: Words(
        "bell",
        lambda data: (
            f"fetched the alerts of {_days(data)}: {_count(data.get('named', 0), 'producer')} to sync"
        ),
        "blue",
        by_job=True,
    ),
    EventKind.TARGETS_ADDED: Words(
        "eye-plus",
        lambda data: f"added {_count(data.get('targets'), 'producer')} to the daily alerts",
        "blue",
        by_job=True,
    ),
    EventKind.FILINGS_RELEASED: Words(
        "send", lambda data: f"submitted {_count(data.get('transactions'), 'transaction')}", "blue"
    ),
    EventKind.FILINGS_REFUSED: Words(
        "plug-x",
        _always("could not submit: the registry refused our user name or password"),
        "red",
        by_job=True,
    ),
    EventKind.PAYER_CHANGED: Words("coin", _payer),
    EventKind.FIRST_BUSINESS_MARKED: Words(
        "heart-handshake",
        lambda data: (
            f"told the first business, on {_day(str(data.get('on')))}, of "
            f"{_count(data.get('transactions'), 'transaction')}"
        ),
        "blue",
    ),
    EventKind.RENEWALS_MADE: Words(
        "calendar-repeat",
        lambda data: f"prepared {_count(data.get('transactions'), 'license renewal')}",
        "blue",
        by_job=True,
    ),
    EventKind.PAYMENT_SET: Words("credit-card", _always("set who pays for licenses, and whether they renew")),
    EventKind.RULE_OVERRIDDEN: Words("scale", rules.rule_overridden, "orange"),
    EventKind.RULE_OVERRIDE_ENDED: Words("scale", rules.override_ended, "orange"),
    EventKind.CHANGES_EXPORTED: Words(
        "download", lambda data: f"exported {_count(data.get('rows'), 'change')} of records"
    ),
    EventKind.REPORT_EXPORTED: Words(
        "download",
        lambda data: f"exported {_count(data.get('rows'), 'row')} of the report {_report(data)}",
    ),
    EventKind.REPORT_SCHEDULED: Words(
        "mail-cog",
        lambda data: (
            f"chose who is told of the report {_report(data)} by mail: {data.get('told') or 'nobody'}"
        ),
    ),
    EventKind.REPORT_DELETED: Words("trash", lambda data: f"deleted the report {_report(data)}", "orange"),
    EventKind.SETTINGS_CHANGED: Words("settings", _settings, "orange"),
    EventKind.SSN_REVEALED: Words(
        "eye", lambda data: f"looked at the SSN of NPN {data.get('npn') or 'not recorded'}", "orange"
    ),
    EventKind.PORTAL_REFUSED: Words(
        "shield-x", _always("asked in the portal for what is not theirs, and was refused"), "red"
    ),
    EventKind.DOCUMENT_ADDED: Words(
        "file-plus", lambda data: f"added the document {_quoted(data.get('name'), 'of a producer')}"
    ),
    EventKind.DOCUMENT_DELETED: Words(
        "file-x", lambda data: f"deleted the document {_quoted(data.get('name'), 'of a producer')}", "orange"
    ),
    EventKind.DOCUMENT_READ: Words(
        "file-download", lambda data: f"downloaded the document {_quoted(data.get('name'), 'of a producer')}"
    ),
    EventKind.EMAIL_SENT_AGAIN: Words("mail-forward", _always("sent an email again")),
    EventKind.PERSON_ADDED: Words("user-plus", _added, "orange"),
    EventKind.PERSON_INVITED: Words("mail-forward", lambda data: f"invited {_whom(data)} again"),
    EventKind.PERSON_CHANGED: Words("user-cog", _changed, "orange"),
    EventKind.PERSON_DEACTIVATED: Words("user-off", lambda data: f"deactivated {_whom(data)}", "orange"),
    EventKind.PERSON_REACTIVATED: Words(
        "user-check",
        lambda data: f"reactivated {_whom(data)} as {_role(data)}{_limits(data)}",
        "orange",
    ),
    EventKind.TOKEN_CREATED: Words(
        "api", lambda data: f"made the API token {_token(data)}, which acts as {_whom(data)}", "orange"
    ),
    EventKind.TOKEN_REVOKED: Words("api-off", lambda data: f"revoked the API token {_token(data)}", "orange"),
    EventKind.WEBHOOK_CREATED: Words("webhook", webhooks.created, "orange"),
    EventKind.WEBHOOK_CHANGED: Words("webhook", webhooks.changed, "orange"),
    EventKind.WEBHOOK_ROTATED: Words("key", webhooks.rotated, "orange"),
    EventKind.WEBHOOK_SWITCHED_ON: Words("webhook", webhooks.switched_on, "green"),
    EventKind.WEBHOOK_SWITCHED_OFF: Words("webhook-off", webhooks.switched_off, "red"),
    EventKind.WEBHOOK_DELETED: Words("webhook-off", webhooks.deleted, "red"),
    EventKind.WEBHOOK_REPLAYED: Words("send", webhooks.replayed, "blue"),
    EventKind.USER_LOGGED_IN: Words("login-2", _always("logged in")),
    EventKind.USER_LOGIN_FAILED: Words("lock-exclamation", _failed_login, "red"),
    EventKind.USER_LOGGED_OUT: Words("logout", _always("logged out")),
    EventKind.USER_PASSWORD_CHANGED: Words("key", _always("set a new password"), "orange"),
    EventKind.PASSWORD_GIVEN: Words(
        "key", lambda data: f"gave {_whom(data)} a new password at the terminal", "orange"
    ),
    EventKind.USER_SECOND_FACTOR_ON: Words(
        "shield-check", _always("switched two-factor authentication on"), "green"
    ),
    EventKind.USER_SECOND_FACTOR_OFF: Words(
        "shield-off", _always("switched two-factor authentication off"), "orange"
    ),
}
