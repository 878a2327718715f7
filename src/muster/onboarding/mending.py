"""Rows of a file that failed: kept as drafts, mended in place, and looked up again alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from muster.access.models import Membership
from muster.bulk.kinds import Row
from muster.bulk.models import Finding as KeptFinding
from muster.bulk.models import Item, ItemState, Operation
from muster.bulk.operations import cancel
from muster.bulk.states import WAITS_FOR_A_PERSON
from muster.core.columns import Columns, without_ssns
from muster.core.findings import Finding, Severity, finding
from muster.core.onboarding import UNDER_WAY, DraftStatus, IdentifiedBy
from muster.onboarding.columns import columns_of
from muster.onboarding.forgetting import given_up
from muster.onboarding.judging import EMAIL_TWICE, NPN_TWICE, SSN_TWICE, ProducerJudge
from muster.onboarding.models import Draft, as_kept
from muster.onboarding.queue import defer_retrieve
from muster.vault import seal, unseal

CHUNK = 1_000
FIELDS = ("last_name", "npn", "email", "gender")
LONGEST = {"last_name": 200, "npn": 10, "email": 254, "gender": 20}
SAME = ("npn", "last_name", "email", "gender", "ssn_index")
EMPTY = "ROW-E001"
LONGEST_CELL = 254
TOLD = ("npn", "email", "last_name", "gender", "ssn_sealed", "ssn_last4", "ssn_index", "is_readded")


def keep_rejected(operation: Operation, *, by_id: int | None, now: datetime) -> None:
    """Make a failed draft of each row that the check rejected, with what it says, to be mended in place."""
    columns = columns_of(operation.organization_id)
    at = {
        column.key: index
        for index, column in columns.match(operation.header).mapping.items()
        if not column.sensitive
    }
    rejected = Item.objects.filter(operation=operation, state=ItemState.REJECTED).order_by("row_no")
    last = 0
    while items := list(rejected.filter(row_no__gt=last)[:CHUNK]):
        last = items[-1].row_no
        numbers = [item.row_no for item in items]
        found: dict[int, list[dict[str, Any]]] = {}
        errors = KeptFinding.objects.filter(operation=operation, row_no__in=numbers, severity="error")
        for one in errors.order_by("id"):
            found.setdefault(one.row_no or 0, []).append(
                {"code": one.code, "field": one.field, "value": one.value, "params": one.params}
            )
        Draft.objects.bulk_create(
            (_failed(operation, item, at, found.get(item.row_no, []), by_id, now) for item in items),
            ignore_conflicts=True,
        )


def _failed(
    operation: Operation,
    item: Item,
    at: Mapping[str, int],
    found: list[dict[str, Any]],
    by_id: int | None,
    now: datetime,
) -> Draft:
    data = item.data
    # What could not be read whole is sealed cell by cell, for an SSN may stand in any; it is told anew.
    damaged = bool(item.result and "damaged" in item.result)
    said = {
        key: _shown(key, data.get(key) or _cell(item.cells, index))
        for key, index in at.items()
        if key in FIELDS and not damaged
    }
    return Draft(
        organization_id=operation.organization_id,
        operation=operation,
        row_no=item.row_no,
        identified_by=IdentifiedBy.NPN,
        **{key: _shown(key, data.get(key) or "")[: LONGEST[key]] for key in FIELDS},
        ssn_sealed=data.get("ssn"),
        ssn_last4=data.get("ssn_last4"),
        ssn_index=data.get("ssn_index"),
        status=DraftStatus.FAILED,
        why=found[0] if found else None,
        details={"said": said, "found": found},
        started_by_id=by_id,
        touched_by_id=by_id,
        touched_at=now,
    )


def _cell(cells: Sequence[str], index: int) -> str:
    return str(cells[index]) if index < len(cells) else ""


def _shown(key: str, text: str) -> str:
    """A value as it may be kept and shown: an SSN that got into another column is hidden."""
    return without_ssns(text, numeric=key == "npn")[:LONGEST_CELL]


def said_by(draft: Draft) -> dict[str, str]:
    """What the row says, as the file has it where the value is wrong; never an SSN, in whatever column."""
    said = draft.details.get("said", {})
    return {key: _shown(key, str(said.get(key) or getattr(draft, key))) for key in FIELDS}


def mend(
    *, by: Membership, upload: Operation, draft_id: int, values: Mapping[str, str], now: datetime
) -> Draft | None:
    """Take other values for a row that failed, and have it looked up again, alone, if they are good.

    An SSN that is left blank stays as it was. None: it is no longer a failed row of this file.
    """
    with transaction.atomic():
        drafts = Draft.objects.select_for_update().filter(
            organization_id=by.organization_id, operation=upload, pk=draft_id, status=DraftStatus.FAILED
        )
        draft = drafts.first()
        if draft is None:
            return None
        rejudge([draft], by=by, now=now, values={draft.pk: values})
        if draft.status == DraftStatus.IDENTIFIED:
            defer_retrieve()
        return draft


def reprocess(*, by: Membership, upload: Operation, now: datetime) -> int:
    """Have all rows of the file that failed judged and looked up again; return how many are."""
    again = 0
    last = 0
    while True:
        with transaction.atomic():
            failed = Draft.objects.select_for_update().filter(
                organization_id=by.organization_id, operation=upload, status=DraftStatus.FAILED
            )
            drafts = list(failed.filter(row_no__gt=last).order_by("row_no")[:CHUNK])
            if not drafts:
                return again
            last = drafts[-1].row_no or 0
            rejudge(drafts, by=by, now=now)
            going = sum(draft.status == DraftStatus.IDENTIFIED for draft in drafts)
            if going:
                defer_retrieve()
            again += going


def rejudge(
    drafts: Sequence[Draft],
    *,
    by: Membership,
    now: datetime,
    values: Mapping[int, Mapping[str, str]] | None = None,
) -> None:
    """Judge failed rows as those of a file are, beside its other rows; write what is found."""
    columns = columns_of(by.organization_id)
    clean = columns.match([column.header for column in columns]).row_cleaner()
    rows = []
    for draft in drafts:
        cells = _cells(draft, columns, (values or {}).get(draft.pk, {}))
        data, findings = clean(cells, row=draft.row_no)
        rows.append(Row(draft.row_no or 0, cells, data, _still(draft, columns, cells, list(findings))))
    ProducerJudge(by.organization_id).judge(rows)
    _judge_among(drafts, rows, decided=values is not None)
    for draft, row in zip(drafts, rows, strict=True):
        _take(draft, columns, row, by, now)
    fields = [*TOLD, "status", "why", "details", "attempts", "next_at", "touched_by", "touched_at", "version"]
    Draft.objects.bulk_update(drafts, fields, batch_size=500)


def _still(draft: Draft, columns: Columns, cells: Sequence[str], findings: list[Finding]) -> list[Finding]:
    """What is still wrong: of a wrong SSN, and of a row that could not be read whole, nothing was kept."""
    if draft.details.get("found") and not any(draft.details.get("said", {}).values()) and not any(cells):
        return list(findings_of(draft))
    told = dict(zip((column.key for column in columns), cells, strict=True))
    wrong = [one for one in findings_of(draft) if one.field == "SSN" and one.code != EMPTY]
    if told["ssn"] or not wrong:
        return findings
    return [*(one for one in findings if one.field != "SSN"), *wrong]


def _cells(draft: Draft, columns: Columns, values: Mapping[str, str]) -> list[str]:
    told = said_by(draft) | {key: values[key] for key in FIELDS if key in values}
    told["ssn"] = values.get("ssn", "").strip() or (unseal(draft.ssn_sealed) if draft.ssn_sealed else "")
    return [told[column.key] for column in columns]


def _judge_among(drafts: Sequence[Draft], rows: Sequence[Row], *, decided: bool) -> None:
    """Find what other rows of the file say too: NPN, SSN and email address are one producer's.

    Of rows of one NPN the one that a person mends goes on (`decided`), of those that say the same the first;
    the others are told of it.
    """
    here = Draft.objects.filter(operation=drafts[0].operation_id, status__in=[*UNDER_WAY, "onboarded"])
    pairs = (
        ("npn", NPN_TWICE, "NPN"),
        ("ssn_index", SSN_TWICE, "SSN"),
        ("email", EMAIL_TWICE, "Email"),
    )
    for name, code, header in pairs:
        told = {row.data[name] for row in rows if row.data.get(name)}
        others: dict[str, list[Draft]] = {}
        for other in here.filter(**{f"{name}__in": told}).only("status", "row_no", *SAME):
            others.setdefault(getattr(other, name), []).append(other)
        for draft, row in zip(drafts, rows, strict=True):
            twins = [
                other.row_no or 0
                for other in others.get(row.data.get(name, ""), ())
                if other.pk != draft.pk and _is_in_the_way(other, row, code, decided)
            ]
            if twins:
                npn = {"npn": row.data["npn"]} if code == NPN_TWICE else {}
                row.find(code, field=header, twin=min(twins), **npn)


def _is_in_the_way(other: Draft, row: Row, code: str, decided: bool) -> bool:
    if code != NPN_TWICE:
        return other.npn != row.data.get("npn")
    if decided and other.status == DraftStatus.FAILED:
        return False
    same = all((getattr(other, key) or "") == (row.data.get(key) or "") for key in SAME)
    return not same or other.status != DraftStatus.FAILED or (other.row_no or 0) < row.row_no


def _take(draft: Draft, columns: Columns, row: Row, by: Membership, now: datetime) -> None:
    errors = [one for one in row.findings if one.severity is Severity.ERROR]
    cells = dict(zip((column.key for column in columns), row.cells, strict=True))
    for key in FIELDS:
        setattr(draft, key, _shown(key, str(row.data.get(key) or ""))[: LONGEST[key]])
    if ssn := row.data.get("ssn"):
        draft.ssn_sealed = seal(ssn)
    draft.ssn_last4 = row.data.get("ssn_last4") if row.data.get("ssn") else None
    draft.ssn_index = row.data.get("ssn_index") if row.data.get("ssn") else None
    draft.is_readded = bool(row.data.get("is_readded"))
    if errors:
        said = {key: _shown(key, cells[key]) for key in FIELDS}
        draft.why = as_kept(errors[0])
        draft.details = {"said": said, "found": [as_kept(one) for one in errors]}
    else:
        draft.status = DraftStatus.IDENTIFIED.value
        draft.why, draft.details = None, {}
        draft.attempts, draft.next_at = 0, None
    draft.touched_by_id, draft.touched_at = by.user_id, now
    draft.version += 1


def findings_of(draft: Draft) -> Iterator[Finding]:
    """What is wrong with a row that failed."""
    kept: Iterable[Mapping[str, Any]] = draft.details.get("found") or ([draft.why] if draft.why else [])
    for one in kept:
        params = dict(one.get("params") or {})
        yield finding(one["code"], field=one.get("field"), value=one.get("value"), **params)


def discard_file(*, by: Membership, upload: Operation, now: datetime) -> int:
    """Give up what is left of a file that another one replaces, with the SSNs that it held."""
    left = Draft.objects.filter(organization_id=by.organization_id, operation=upload, status__in=UNDER_WAY)
    with transaction.atomic():
        waits = Operation.objects.filter(pk=upload.pk, state__in=WAITS_FOR_A_PERSON).first()
        if waits:
            cancel(operation=waits, member=by, now=now)
        return left.update(**given_up(), touched_by_id=by.user_id, touched_at=now)


def leave_out(*, by: Membership, upload: Operation, draft_id: int, now: datetime) -> bool:
    """Give up one row of a file that failed; say whether it was still to be."""
    failed = Draft.objects.filter(
        organization_id=by.organization_id, operation=upload, pk=draft_id, status=DraftStatus.FAILED
    )
    return bool(failed.update(**given_up(), touched_by_id=by.user_id, touched_at=now))
