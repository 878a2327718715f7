"""Keeping what is told of carriers and settings: cleaned as files are, by one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from muster.access.models import Membership, Organization
from muster.access.permissions import Permission
from muster.carriers.columns import in_order, wrong_period
from muster.core.catalogue import Severity
from muster.core.columns import Columns
from muster.core.findings import Finding, fix, sentence


class CannotKeep(Exception):
    """It cannot be kept as it was told: by the key of each field that is wrong, the sentences that say why.

    What is wrong with no one field stands under the empty key.
    """

    def __init__(self, reasons: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(reason for found in reasons.values() for reason in found))
        self.reasons = reasons


@contextmanager
def writing(by: Membership) -> Iterator[None]:
    """One writer an organization at a time, so that each sees, and records, what the one before has done.

    Raises PermissionDenied.
    """
    if not by.may(Permission.MANAGE_CARRIERS):
        raise PermissionDenied
    with transaction.atomic():
        wait_for_others(by.organization_id)
        yield


def wait_for_others(organization_id: int) -> None:
    """Be the only transaction that writes carriers and settings of the organization, from now to its end."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def everything(columns: Columns, told: Mapping[str, str]) -> dict[str, str]:
    """What is told, with a blank for each column of which nothing is."""
    return {column.key: told.get(column.key, "") for column in columns}


def cleaned(columns: Columns, told: Mapping[str, str], *, otherwise: models.Model) -> dict[str, Any]:
    """The values of the columns that are told; what is blank is as in `otherwise`. Raises CannotKeep."""
    data, findings = columns.clean_row(told)
    keys = {column.header: column.key for column in columns}
    reasons: dict[str, list[str]] = {}
    for one in findings:
        key = keys[one.field or ""]
        if key in told and one.severity is Severity.ERROR:
            reasons.setdefault(key, []).append(_reason(one))
    if reasons:
        raise CannotKeep(reasons)
    return {
        key: _as_kept(key, data.get(key, getattr(otherwise, key))) for key in keys.values() if key in told
    }


def _as_kept(key: str, value: Any) -> Any:
    if key == "categories":
        return in_order(value)
    return date.fromisoformat(value) if isinstance(value, str) and key.endswith("s_on") else value


def check_period(held: Any) -> None:
    """Refuse what begins after it ends. Raises CannotKeep."""
    if found := wrong_period({"starts_on": told_of(held.starts_on), "ends_on": told_of(held.ends_on)}):
        raise CannotKeep({"starts_on": [_reason(found)]})


def _reason(found: Finding) -> str:
    told = {"field": found.field, "value": found.value}
    return (
        f"{sentence(found.code, **told, params=found.params)} {fix(found.code, **told, params=found.params)}"
    )


def assign(held: models.Model, facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the fields that differ; return each with what it was and what it is, as an event keeps it."""
    changed: dict[str, dict[str, Any]] = {}
    for key, value in facts.items():
        before = getattr(held, key)
        if before != value:
            setattr(held, key, value)
            changed[key] = {"before": told_of(before), "after": told_of(value)}
    return changed


def values_of(held: models.Model, fields: Sequence[str]) -> dict[str, Any]:
    """The fields' values, as an event keeps them."""
    return {field: told_of(getattr(held, field)) for field in fields}


def told_of(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value
