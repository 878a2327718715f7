"""A change in words: what a person reads in a second, and the fields behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.timezone import localtime

from muster.console.changes.labels import LABELS, UNSAID, day, plain, shown, state_name
from muster.core.health import Risk
from muster.core.report import APPOINTED
from muster.core.words import LOA_CATEGORIES
from muster.history.models import Change, Source
from muster.history.queries import ChangeSelection


class Field(NamedTuple):
    """One field of a record, before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """One change, ready to be shown.

    `verb` is the change's; where something was added or removed, `fields` have no other side. `by` is empty
    where no person did it. The producer is told as of today, and is empty where they were removed. `states`
    names those that told the same, where it is more than one.
    """

    icon: str
    color: str
    title: str
    fields: tuple[Field, ...]
    verb: str
    source: str
    by: str
    operation_url: str
    at: datetime
    day: date
    npn: str
    producer: str
    producer_url: str
    states: str = ""

    @property
    def side(self) -> str:
        """Where the fields have one side only, what that is: all that was there, before or after."""
        return SIDES.get(self.verb, "")


SIDES: Mapping[str, str] = {Change.Verb.ADDED: "new", Change.Verb.REMOVED: "old"}


def why_none(selection: ChangeSelection) -> str:
    """What is wrong with a selection that nothing can match; empty where nothing is."""
    if selection.npn and not (selection.npn.isascii() and selection.npn.isdigit()):
        return f"“{selection.npn}” is no NPN: an NPN is a number of up to 10 digits, such as 17654321."
    if selection.from_day and selection.to_day and selection.from_day > selection.to_day:
        return "The first day is later than the last one: swap From and to."
    return ""


class Words(NamedTuple):
    """What a change says at first sight: icon and color of the kit, and the title."""

    icon: str
    color: str
    title: str


SOURCES: Mapping[str, str] = {
    Source.REGISTRY: "Registry sync",
    Source.FILE: "From an uploaded file",
    Source.PERSON: "By hand",
    Source.API: "Through the API",
    Source.MUSTER: "Judged by Muster",
    Source.UNKNOWN: "Source unknown",
}


def tell_all(changes: Iterable[Change]) -> list[Told]:
    """The words for changes; what several states told alike, at one moment of one producer, is told once."""
    alike: dict[Any, list[Change]] = {}
    for change in changes:
        alike.setdefault(_sameness(change), []).append(change)
    return [_tell_once(group) for group in alike.values()]


def _sameness(change: Change) -> Any:
    if change.kind not in TOLD_BY_STATES:
        return change.pk
    old, new = ({**side, "state": "", "updated_on": ""} for side in (change.old, change.new))
    said = json.dumps([change.about, old, new], sort_keys=True, default=str)
    return change.producer_id, change.kind, change.verb, change.at, change.source, change.operation_id, said


TOLD_BY_STATES = frozenset({Change.Kind.ADDRESS, Change.Kind.CONTACT})
"""Each state keeps its own copy of these."""


def _tell_once(group: list[Change]) -> Told:
    names = sorted({state_name(change.state) for change in group if change.state})
    if len(names) < 2:
        return tell(group[0])
    told = tell(group[0], where=f" in {len(names)} states")
    fields = tuple(field for field in told.fields if field.label not in ("State", LABELS["updated_on"]))
    return replace(told, fields=fields, states=", ".join(names))


def tell(change: Change, *, where: str | None = None) -> Told:
    """The words for a change; a kind or verb that this version does not know is told by its name.

    `where` stands for its state, of a kind that states tell each for itself.
    """
    if where is not None:
        words = TOLD_WHERE[change.kind](change, where)
    else:
        words = KINDS[change.kind](change) if change.kind in KINDS else _unknown(change)
    names = getattr(change, "producer", None) or {}
    npn = names.get("npn") or (change.about.get("npn") or "" if change.kind == Change.Kind.PRODUCER else "")
    return Told(
        *words,
        fields=_fields(change),
        verb=change.verb,
        source=SOURCES.get(change.source, change.source),
        by=str(change.by) if change.by else "",
        operation_url=_operation_url(change),
        at=change.at,
        day=localtime(change.at).date(),
        npn=npn,
        producer=_name(names) if names else "",
        producer_url=reverse("producer-detail", args=[names["npn"]]) if names else "",
    )


def _name(names: Mapping[str, str]) -> str:
    return " ".join(filter(None, (names["first"], names["last"]))) or f"NPN {names['npn']}"


def _operation_url(change: Change) -> str:
    # Uploads have a page; what was selected has none.
    if change.operation_id and change.source == Source.FILE:
        return reverse("import-detail", args=[change.operation_id])
    return ""


def _fields(change: Change) -> tuple[Field, ...]:
    old, new = _health_told(change.old), _health_told(change.new)
    names = [name for name in LABELS if name in old or name in new]
    if change.verb in SIDES:
        names = [name for name in names if (new or old).get(name) not in (None, "", [], False)]
    fields = {
        name: Field(LABELS[name], shown(name, old.get(name)), shown(name, new.get(name)))
        for name in names
        if name not in UNSAID
    }
    return tuple(sorted(fields.values(), key=lambda field: field.label))


def _health_told(side: dict[str, Any]) -> dict[str, Any]:
    # What has ended is kept as at risk for a while, and called what it is.
    return {**side, "health": "ended"} if side.get("health") and _has_ended(side) else side


def _has_ended(side: Mapping[str, Any]) -> bool:
    return Risk.ENDED_BY_STATE in (side.get("risks") or ())


def _is(change: Change, name: str, value: Any) -> bool:
    """Whether this change made the field say so."""
    return name in change.new and change.new[name] == value


def _later(change: Change, name: str) -> bool:
    """Whether a date was put off, or given where there was none."""
    new = change.new.get(name)
    return bool(new) and str(new) > str(change.old.get(name) or "")


LISTED: Mapping[str, Words] = {
    Change.Verb.ADDED: Words("plus", "green", "added"),
    Change.Verb.GONE: Words("eye-off", "orange", "no longer listed"),
    Change.Verb.BACK: Words("eye", "green", "listed again"),
    Change.Verb.REMOVED: Words("trash", "red", "removed"),
}
"""How the verbs are told of anything."""


def _in(state: str) -> str:
    return f" in {state_name(state)}" if state else ""


def _listed(change: Change, what: str, where: str = "") -> Words:
    """“Line Casualty added in Georgia”; a change that has no words of its own is “changed”."""
    icon, color, verb = LISTED.get(change.verb, Words("pencil", "blue", "changed"))
    return Words(icon, color, f"{what} {verb}{where}")


def _unknown(change: Change) -> Words:
    return _listed(change, plain(change.kind))


def _producer(change: Change) -> Words:
    if change.verb == Change.Verb.REMOVED:
        name = " ".join(filter(None, (change.about.get("first_name"), change.about.get("last_name"))))
        return Words(
            "user-off", "red", f"Producer {name or 'NPN ' + str(change.about.get('npn', ''))} removed"
        )
    new = change.new
    if "removed_at" in new:
        if new["removed_at"]:
            return Words("user-minus", "red", "Removed from the organization")
        return Words("user-plus", "green", "Added to the organization again")
    if {"first_name", "middle_name", "last_name", "name_suffix"} & set(new):
        return Words("user-edit", "blue", "Name changed")
    if "agency_id" in new:
        agency = new.get("agency")
        return Words("building-store", "blue", f"Moved to {agency}" if agency else "No longer in an agency")
    if "is_watched" in new:
        on = "on" if new["is_watched"] else "off"
        return Words("bell" if on == "on" else "bell-off", "blue", f"Daily alerts switched {on}")
    if _is(change, "name_differs", True):
        return Words("alert-triangle", "orange", "Name in the file differs from the registry’s")
    for name in ("email", "born_on", "other_names", "ssn_last4", "npn", "kind"):
        if name in new:
            label = {"ssn_last4": "SSN"}.get(name, LABELS[name])
            return Words(
                "user-edit", "blue", f"{label} changed" if change.old.get(name) else f"{label} added"
            )
    return Words("user-edit", "blue", "Details changed")


def _license(change: Change) -> Words:
    what = f"{state_name(change.state)} license {change.about.get('number', '')}".strip()
    if change.verb != Change.Verb.CHANGED:
        return _listed(change, what)._replace(**{"icon": "certificate"} if change.verb == "added" else {})
    if _is(change, "is_active", False):
        return Words("certificate-off", "red", f"{what}: active → inactive")
    if _is(change, "is_active", True):
        return Words("certificate", "green", f"{what}: inactive → active")
    if _later(change, "expires_on"):
        return Words("calendar-check", "green", f"{what} renewed until {day(change.new['expires_on'])}")
    if change.new.get("expires_on"):
        return Words("calendar-exclamation", "orange", f"{what} now expires {day(change.new['expires_on'])}")
    return _listed(change, what)


def _line(change: Change) -> Words:
    what, where = f"Line {change.about.get('name', '')}".strip(), _in(change.state)
    if change.verb == Change.Verb.CHANGED and "status" in change.new:
        now = change.new["status"]
        good = str(now).strip().lower() == "active"
        then = shown("status", change.old.get("status")).lower()
        return Words(
            "list-check" if good else "list-details",
            "green" if good else "red",
            f"{what}{where}: {then} → {shown('status', now).lower()}",
        )
    return _listed(change, what, where)


def _appointment(change: Change) -> Words:
    about, new = change.about, change.new
    company = about.get("company_name") or f"CoCode {about.get('cocode', '')}"
    line = f" for {about['line_name']}" if about.get("line_name") else ""
    what = f"Appointment with {company}{line}{_in(change.state)}"
    if change.verb != Change.Verb.CHANGED:
        return _listed(change, what)
    if "status" in new:
        if new["status"] == APPOINTED:
            return Words("building-bank", "green", f"{what} is in force again")
        why = new.get("termination_reason") or ""
        return Words("building-off", "red", f"{what} ended: {why or shown('status', new['status'])}")
    if _later(change, "renews_on"):
        return Words("calendar-check", "green", f"{what} renewed until {day(new['renews_on'])}")
    if _has_ended(new):
        return Words("building-off", "red", f"{what} counts as ended")
    if "health" in new and not new["health"] and _has_ended(change.old):
        return Words("building-off", "secondary", f"{what} ended more than 90 days ago")
    if _is(change, "health", "at_risk") or (new.get("risks") and "health" not in new):
        return Words("heart-broken", "red", f"{what} is at risk: {shown('risks', new.get('risks'))}")
    if _is(change, "health", "active"):
        return Words("heart-check", "green", f"{what} is no longer at risk")
    return _listed(change, what)


def _assignment(change: Change) -> Words:
    categories = ", ".join(LOA_CATEGORIES.get(one, one) for one in change.about.get("categories") or ())
    what = f"Assignment of {categories or 'lines'}"
    return _listed(change, what, _in_states(change.about.get("states") or []))


def _in_states(codes: list[str]) -> str:
    if len(codes) > 3:
        return f" in {len(codes)} states"
    return f" in {', '.join(map(state_name, codes))}" if codes else ""


def _address(change: Change, where: str | None = None) -> Words:
    what = f"{change.about.get('type_name') or ''} address".strip().capitalize()
    now = {**change.old, **change.new}
    place = ", ".join(str(now[name]) for name in ("line_1", "city") if now.get(name))
    return _with_value(change, what, place, _in(change.state) if where is None else where)


def _contact(change: Change, where: str | None = None) -> Words:
    what, value = plain(change.about.get("kind") or "contact"), change.new.get("value")
    said = shown("value", value) if value else ""
    return _with_value(change, what, said, _in(change.state) if where is None else where)


def _with_value(change: Change, what: str, value: str, where: str) -> Words:
    """“Phone changed in Texas: (520) 555-0180”: what stands there now is the news."""
    words = _listed(change, what, where)
    is_told = value and change.verb in (Change.Verb.ADDED, Change.Verb.CHANGED)
    return words._replace(title=f"{words.title}: {value}") if is_told else words


TOLD_WHERE: Mapping[str, Callable[[Change, str], Words]] = {
    Change.Kind.ADDRESS: _address,
    Change.Kind.CONTACT: _contact,
}
"""The words of what states tell each for itself, with where that is."""


def _action(change: Change) -> Words:
    words = _listed(
        change, f"Regulatory action {change.about.get('action_id', '')}".strip(), _in(change.state)
    )
    return Words("gavel", "red", words.title) if change.verb in ("added", "back") else words


def _own_contact(change: Change) -> Words:
    return _listed(change, "Own contact details")._replace(icon="address-book")


def _employment(change: Change) -> Words:
    return _listed(change, f"Employment at {change.about.get('employer', '')}")._replace(icon="briefcase")


def _background(change: Change) -> Words:
    # What is asked stands in the fields: a title is shorter.
    words = _listed(change, f"Background answer on {plain(change.about.get('question', '')).lower()}")
    return words._replace(icon="help-circle", color="orange" if _is(change, "is_yes", True) else "blue")


KINDS: Mapping[str, Callable[[Change], Words]] = {
    Change.Kind.PRODUCER: _producer,
    Change.Kind.ADDRESS: _address,
    Change.Kind.CONTACT: _contact,
    Change.Kind.LICENSE: _license,
    Change.Kind.LINE: _line,
    Change.Kind.APPOINTMENT: _appointment,
    Change.Kind.ASSIGNMENT: _assignment,
    Change.Kind.ACTION: _action,
    Change.Kind.OWN_CONTACT: _own_contact,
    Change.Kind.EMPLOYMENT: _employment,
    Change.Kind.BACKGROUND: _background,
}
