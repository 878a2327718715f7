"""The four kinds of alerts, and what of a producer each is about, as fingerprints by state."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from hashlib import blake2b

from muster_sandbox.records import Producer
from muster_sandbox.report import action_part, address_part, appointment_part, contact_part, license_part

# kind: state: fingerprint; the state is empty for what belongs to none
Fingerprints = dict[str, dict[str, str]]


class Kind(StrEnum):
    """What an alert is about, as subscriptions name it."""

    LICENSING = "LICENSING"
    DEMOGRAPHICS = "DEMOGRAPHICS"
    APPOINTMENTS = "APPOINTMENTS"
    RIRS = "RIRS"


def fingerprints(producer: Producer) -> Fingerprints:
    """Return what an entity report says of a producer, kind by kind and state by state, in short."""
    return {
        Kind.LICENSING: _short((one.state, license_part(one)) for one in producer.licenses),
        Kind.DEMOGRAPHICS: _short(_demographics(producer)),
        Kind.APPOINTMENTS: _short((one.state, appointment_part(one)) for one in producer.appointments),
        Kind.RIRS: _short((one.state, action_part(one)) for one in producer.actions),
    }


def differences(before: Fingerprints, after: Fingerprints) -> dict[Kind, set[str]]:
    """Return the kinds that differ, each with the states in which it does."""
    found: dict[Kind, set[str]] = {}
    for kind in Kind:
        old, new = before.get(kind, {}), after.get(kind, {})
        states = {state for state in old.keys() | new.keys() if old.get(state) != new.get(state)}
        if states:
            found[kind] = states
    return found


def _demographics(producer: Producer) -> Iterator[tuple[str, str]]:
    yield (
        "",
        "|".join(
            (
                producer.company_name,
                producer.last_name,
                producer.first_name,
                producer.middle_name,
                producer.suffix,
                *(f"{one.state}/{one.kind}/{one.name}" for one in producer.aliases),
            )
        ),
    )
    for address in producer.addresses:
        yield address.state, address_part(address)
    for contact in producer.contacts:
        yield contact.state, contact_part(contact)


def _short(parts: Iterator[tuple[str, str]]) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for state, text in parts:
        texts.setdefault(state, []).append(text)
    return {
        state: blake2b("\n".join(found).encode(), digest_size=8).hexdigest() for state, found in texts.items()
    }
