"""What was done with an organization's own values of state rules, in words."""

from __future__ import annotations

from typing import Any

from muster.console.rules.words import LABELS, TOPIC_LABELS, case_words, plain_words
from muster.core.rules.keys import TOPICS
from muster.core.rules.rule import APART
from muster.core.rules.terms import frozen
from muster.core.words import states

Data = dict[str, Any]


def rule_overridden(data: Data) -> str:
    """An own value was set."""
    return f"set an own value from {data.get('starts_on') or 'a day'} on, {_what(data)}{_why(data)}"


def override_ended(data: Data) -> str:
    """An own value was ended."""
    return f"ended an own value, {_what(data)}"


def _what(data: Data) -> str:
    """ "California, deadline, life, health: 10 days"."""
    state, topic, key = (str(data.get(name) or "not recorded") for name in ("state", "topic", "key"))
    value, terms = data.get("value"), data.get("terms") or {}
    case = case_words(tuple((name, frozen(terms[name])) for name in APART if name in terms))
    known = key in TOPICS.get(topic, {})
    label = LABELS[topic][key] if known else key
    told = [states().get(state, state), TOPIC_LABELS.get(topic, topic), label, case]
    said = plain_words(topic, key, value) if known else str(value)
    return f"{told[0]}, {', '.join(filter(None, told[1:])).lower()}: {said}"


def _why(data: Data) -> str:
    return f" (“{data['reason']}”)" if data.get("reason") else ""
