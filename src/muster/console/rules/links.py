"""From a rule to its place on the page of its state, and from a citation to who is cited."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.urls import reverse

_ID = re.compile(r"(us|own)/([a-z]{2})/(\w+#.+)")
_ADDRESS = re.compile(r"(https?://\S+)\s*(.*)")
LONGEST_END = 40


def rule_url(rule_id: str) -> str:
    """Where a rule stands that a verdict cites, as in "us/ca/appointing#backdate_days@2021-07-01".

    What is no such id leads to the list of states.
    """
    found = _ID.fullmatch(rule_id)
    if found is None:
        return reverse("state-rule-list")
    return f"{reverse('state-rules', args=[found[2].upper()])}#{anchor_of(rule_id)}"


def anchor_of(rule_id: str) -> str:
    """The place of a rule on the page of its state, as the fragment of an address."""
    found = _ID.fullmatch(rule_id)
    if found is None:
        return ""
    own = "own-" if found[1] == "own" else ""
    return own + re.sub(r"[^a-z0-9_]+", "-", found[3].lower()).strip("-")


class Source(NamedTuple):
    """One of those who are cited. `url` is empty where it is no address that a browser may open."""

    text: str
    url: str = ""
    more: str = ""


def sources_of(told: str) -> list[Source]:
    """Who is cited, one after another: addresses of web pages, and titles."""
    return [_source(one.strip()) for one in told.split(" ; ") if one.strip()]


def _source(told: str) -> Source:
    found = _ADDRESS.fullmatch(told)
    if found is None:
        return Source(told)
    try:
        address = urlsplit(found[1])
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return Source(told)
    if not host:
        return Source(told)
    *between, end = [part for part in address.path.split("/") if part] or [""]
    end = end or address.query
    shown = "/".join([host, *(["…"] if between else []), *([end[:LONGEST_END]] if end else [])])
    return Source(shown, found[1], found[2])
