"""What crosses the wire: key, content and status, as docs/reference/gateway-contract.md has them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from muster_sandbox.gateway.fees import REGISTRY_CENTS, state_cents
from muster_sandbox.identifiers import npn_number

BASE = "/gateway/v1"
LARGEST_BODY = 65_536
MOST_KEYS = 500
LONGEST_TEXT = 400
MOST_LINES = 200
_KEY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\d")
# A report is XML, which has no room for these.
_UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Kind(StrEnum):
    """What is filed."""

    APPOINTMENT = "appointment"
    TERMINATION = "termination"
    LICENSE = "license"
    RENEWAL = "renewal"


class Status(StrEnum):
    """How far a filing is."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The content of a filing, with every field; the NPN has no leading zeros."""

    kind: Kind
    npn: str
    state: str
    cocode: str = ""
    company_name: str = ""
    fein: str = ""
    company_license_id: str = ""
    line_code: str = ""
    line_name: str = ""
    license_number: str = ""
    class_code: str = ""
    effective_on: date | None = None
    county: str = ""
    appointment_type: str = ""
    reason: str = ""
    for_cause: bool = False
    lines: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, text: str | bytes) -> Filing:
        """Return the filing of a body; ValueError says what is malformed."""
        given = json_read(text)
        if not isinstance(given, dict):
            raise ValueError("send a JSON object")
        unknown = sorted(set(given) - set(_FIELDS))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a field; the fields are {', '.join(_FIELDS)}")
        read: dict[str, Any] = {
            name: _READ.get(name, text_read)(name, value) for name, value in given.items()
        }
        of_a_company = read.get("kind") in (Kind.APPOINTMENT, Kind.TERMINATION)
        for name in ("kind", "npn", "state", *(("cocode", "line_name") if of_a_company else ())):
            if not read.get(name, "").strip():
                raise ValueError(f"{name} is missing")
        return cls(**read)

    def as_dict(self) -> dict[str, Any]:
        """Return the content field by field, as it crosses the wire."""
        effective_on = None if self.effective_on is None else str(self.effective_on)
        content = {name: getattr(self, name) for name in _FIELDS} | {"effective_on": effective_on}
        # What was filed before there were lines still reads as it did.
        return content if self.lines else {name: content[name] for name in _FIELDS if name != "lines"}

    def text(self) -> str:
        """Return the content as JSON, always the same for the same content."""
        return json.dumps(self.as_dict())

    def is_about(self, line_code: str, line_name: str) -> bool:
        """Say whether a line is the one that is filed: by code, or else by name in any case."""
        if self.line_code and self.line_code.casefold() == line_code.casefold():
            return True
        return self.line_name.casefold() == line_name.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A filing in the ledger; times are UTC, `decided_on` is a day of the sandbox.

    `waits_since` is `received_at` until somebody answers what the registry asked for; `times` is how often
    the key came.
    """

    number: int
    key: str
    filing: Filing
    received_at: str
    waits_since: str
    status: Status
    code: str
    words: str
    effective_on: date | None
    decided_at: str | None
    decided_on: date | None
    times: int

    def status_object(self) -> dict[str, Any]:
        """Return what the gateway tells of the filing."""
        return {
            "key": self.key,
            "id": f"SB-{self.number:08d}",
            "status": self.status,
            "code": self.code,
            "words": self.words,
            "effective_on": None if self.effective_on is None else str(self.effective_on),
            "received_at": self.received_at,
            "decided_at": self.decided_at,
            "fees": {
                "state_cents": state_cents(self.filing.kind, self.filing.state),
                "registry_cents": REGISTRY_CENTS,
            },
        }


def key_read(text: str) -> str | None:
    """Return a key in lower case, or None if it is not a UUID."""
    return text.lower() if _KEY.fullmatch(text) else None


def json_read(text: str | bytes) -> Any:
    """Return what a JSON text says; ValueError if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None


def text_read(name: str, value: object) -> str:
    """Return a text that can be filed; ValueError says what is wrong with it."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError(f"{name} must be a text of at most {LONGEST_TEXT} characters")
    if _UNPRINTABLE.search(value):
        raise ValueError(f"{name} has a character that cannot be printed")
    return value


def _kind(name: str, value: object) -> Kind:
    if value not in list(Kind):
        raise ValueError(f"{name} must be one of {', '.join(Kind)}")
    return Kind(str(value))


def _npn(name: str, value: object) -> str:
    number = npn_number(value) if isinstance(value, str) else None
    if number is None:
        raise ValueError(f"{name} must be the NPN of a producer: a text of 1 to 10 digits")
    return str(number)


def _state(name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{2}", value):
        raise ValueError(f"{name} must be a two-letter code, such as TX")
    return value


def _day(name: str, value: object) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{name} must be a day, YYYY-MM-DD, from 1900 to 2199, or null")


def _lines(name: str, value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or len(value) > MOST_LINES:
        raise ValueError(f"{name} must be a list of at most {MOST_LINES} pairs of a code and a name")
    for one in value:
        if not isinstance(one, list) or len(one) != 2:
            raise ValueError(f"{name} must have pairs of a code and a name")
    return tuple((text_read(name, code), text_read(name, line)) for code, line in value)


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    return value


_FIELDS = tuple(field.name for field in fields(Filing))
_READ: dict[str, Callable[[str, object], object]] = {
    "kind": _kind,
    "npn": _npn,
    "state": _state,
    "effective_on": _day,
    "for_cause": _yes_or_no,
    "lines": _lines,
}
