"""What may be set about one NPN at run time: how it behaves, and what the report says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from muster_sandbox.behavior import Behavior
from muster_sandbox.records import Producer

_TEXTS = ("first_name", "last_name")
_STATE_LISTS = ("without_states", "inactive_states", "terminated_states")


def checked(given: object) -> dict[str, Any]:
    """Return the settings of an override if they can be used; ValueError says what is wrong with them."""
    if not isinstance(given, dict):
        raise ValueError("send a JSON object")
    for name, value in given.items():
        if name == "behavior":
            if value not in list(Behavior):
                raise ValueError(f"{value!r} is not a behavior; the behaviors are {', '.join(Behavior)}")
        elif name in _TEXTS:
            if not isinstance(value, str) or not value:
                raise ValueError(f"{name} must be a text that is not empty")
        elif name in _STATE_LISTS:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise ValueError(f"{name} must be a list of two-letter codes")
        else:
            known = ", ".join(("behavior", *_TEXTS, *_STATE_LISTS))
            raise ValueError(f"{name!r} cannot be set; what can be set is {known}")
    return given


def changed(producer: Producer, override: dict[str, Any]) -> Producer:
    """Return the producer as the override has it: renamed, without some states, or ended in some."""
    gone: Collection[str] = override.get("without_states", ())
    inactive: Collection[str] = override.get("inactive_states", ())
    terminated: Collection[str] = override.get("terminated_states", ())
    return replace(
        producer,
        first_name=override.get("first_name", producer.first_name),
        last_name=override.get("last_name", producer.last_name),
        licenses=tuple(
            replace(one, active=one.active and one.state not in inactive)
            for one in producer.licenses
            if one.state not in gone
        ),
        appointments=tuple(
            replace(one, appointed=False, termination_reason="Voluntary termination", renewal=None)
            if one.appointed and one.state in terminated
            else one
            for one in producer.appointments
            if one.state not in gone
        ),
    )
