"""The client of the gateway: filings by key, over HTTP and JSON (docs/reference/gateway-contract.md).

What an answer does not say beyond doubt is not known: a filing may have arrived whatever went wrong after it
was sent, and only four answers say that it has not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from muster.core.gateway import TOLD, Arrival
from muster.core.transactions import Status
from muster.registry.port import (
    BrokenAnswer,
    Conflict,
    Filing,
    Malformed,
    Standing,
    Throttled,
    Unauthorized,
    Unavailable,
)
from muster.registry.transport import Account, Answer, Service, Transport, account_of

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes. A list of 500 filings needs a few hundred kilobytes."""

LONGEST_TEXT = 2000
MOST_CENTS = 2**31 - 1

FILED, FILED_BEFORE, MALFORMED, UNAUTHORIZED, NEVER_CAME, CONFLICT = 201, 200, 400, 401, 404, 409
THROTTLED, UNAVAILABLE = 429, 503
NOT_FILED = (UNAUTHORIZED, THROTTLED, UNAVAILABLE)


class HttpGateway(Service):
    """A gateway that speaks the contract. See `muster.registry.port.Gateway`."""

    def __init__(self, account: Account) -> None:
        self.transport = Transport(account, url_setting="MUSTER_GATEWAY_URL", accept="application/json")
        self.url = account.url.rstrip("/")

    def submit(self, filing: Filing, key: UUID) -> Standing:
        """File under this key, or find out how what was filed under it stands. Raises RegistryError."""
        answer = self._call(
            "PUT", f"filings/{key}", FILED, FILED_BEFORE, MALFORMED, CONFLICT, body=_body(filing)
        )
        if answer.status == MALFORMED:
            raise Malformed(_words(answer))
        if answer.status == CONFLICT:
            raise Conflict(_words(answer))
        return _standing(_object(answer), of=(key,))

    def ask(self, key: UUID) -> Standing | None:
        """How the filing with this key stands; None where it never came. Raises RegistryError."""
        answer = self._call("GET", f"filings/{key}", FILED_BEFORE, NEVER_CAME)
        # A wrong address answers 404 too, and knows of no filing: it has to be the gateway's own answer.
        told = _object(answer)
        if answer.status == NEVER_CAME:
            if "error" not in told:
                raise BrokenAnswer("it says 404, and not that the filing never came")
            return None
        return _standing(told, of=(key,))

    def standings(self, keys: Sequence[UUID]) -> Mapping[UUID, Standing | None]:
        """How the filings with these keys stand. Raises RegistryError."""
        asked = {"keys": [str(key) for key in keys]}
        told = _object(self._call("POST", "filings/statuses", FILED_BEFORE, body=asked))
        filings, unknown = told.get("filings"), told.get("unknown")
        if not isinstance(filings, list) or not isinstance(unknown, list):
            raise BrokenAnswer("it is no list of filings")
        found: dict[UUID, Standing | None] = {_key(key, keys): None for key in unknown}
        for one in filings:
            standing = _standing(one, of=keys)
            found[standing.key] = standing
        if len(found) != len(set(keys)):
            raise BrokenAnswer("it does not tell of every filing that it was asked about")
        return found

    def _call(self, method: str, path: str, *readable: int, body: Mapping[str, Any] | None = None) -> Answer:
        answer = self.transport.call(
            method,
            f"{self.url}/{path}",
            largest=LARGEST_ANSWER,
            readable=(*readable, *NOT_FILED),
            **({} if body is None else {"json": body}),
        )
        if answer.status not in NOT_FILED:
            return answer
        words = f"it answered HTTP {answer.status}"
        if answer.status == UNAUTHORIZED:
            raise Unauthorized(words, arrival=Arrival.SURELY_NOT)
        if answer.status == THROTTLED or answer.retry_after is not None:
            raise Throttled(words, retry_after=answer.retry_after, arrival=Arrival.SURELY_NOT)
        raise Unavailable(words, arrival=Arrival.SURELY_NOT)


def from_settings() -> HttpGateway:
    """The gateway that the settings name."""
    return HttpGateway(account_of(settings.MUSTER_GATEWAY))


def _body(filing: Filing) -> dict[str, Any]:
    day = filing.effective_on
    body = {**filing._asdict(), "effective_on": None if day is None else day.isoformat()}
    if not filing.lines:
        del body["lines"]
    return body


def _object(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise BrokenAnswer("it is no JSON") from None
    if not isinstance(told, dict):
        raise BrokenAnswer("it is no JSON object")
    return told


def _words(answer: Answer) -> str:
    """What an answer says that refuses something; it refuses whatever it says."""
    try:
        return _text(_object(answer).get("error", ""))
    except BrokenAnswer:
        return ""


def _standing(told: Any, *, of: Iterable[UUID]) -> Standing:
    """Read a status object. Raises BrokenAnswer, also where it is about a filing that was not asked for."""
    if not isinstance(told, dict):
        raise BrokenAnswer("it is no filing")
    key = _key(told.get("key"), of)
    status = told.get("status")
    if not isinstance(status, str) or status not in TOLD:
        raise BrokenAnswer("it has no status that we know")
    fees = told.get("fees") or {}
    if not isinstance(fees, dict):
        raise BrokenAnswer("its fees cannot be read")
    try:
        return Standing(
            key,
            _text(told.get("id", "")),
            Status(status),
            _text(told.get("code") or ""),
            _text(told.get("words") or ""),
            None if (day := told.get("effective_on")) is None else date.fromisoformat(day),
            _time(told.get("received_at")),
            _time(told.get("decided_at")),
            _cents(fees.get("state_cents")),
            _cents(fees.get("registry_cents")),
        )
    except (TypeError, ValueError, OverflowError):
        raise BrokenAnswer("a day or a time in it cannot be read") from None


def _key(told: Any, of: Iterable[UUID]) -> UUID:
    try:
        key = UUID(told)
    except (TypeError, ValueError, AttributeError):
        raise BrokenAnswer("it has no key") from None
    if key not in of:
        raise BrokenAnswer("it is about another filing than the one asked for")
    return key


def _text(told: Any) -> str:
    """A text that the database takes: without NUL and halves of signs, and not without end."""
    if not isinstance(told, str):
        raise BrokenAnswer("a text in it is none")
    text = told.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return text[:LONGEST_TEXT]


def _time(told: Any) -> datetime | None:
    if told is None:
        return None
    time = datetime.fromisoformat(told)
    if time.tzinfo is None:
        raise BrokenAnswer("a time in it has no zone")
    return time


def _cents(told: Any) -> int | None:
    if told is None:
        return None
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= MOST_CENTS:
        raise BrokenAnswer("a fee in it is no number of cents")
    return told
