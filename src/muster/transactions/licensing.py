"""Requesting licenses and their renewals: judged, priced and written as transactions, ready and not sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from muster.bulk.store import as_json
from muster.core.licensing import (
    Estimate,
    Line,
    Window,
    estimate_license,
    estimate_renewal,
    in_class,
    lines_told,
    renewal_window,
)
from muster.core.lines import folded
from muster.core.transactions import BatchState, Status, TransactionKind
from muster.licenses.models import License
from muster.producers.models import Producer
from muster.transactions.ending_batches import Author
from muster.transactions.facts import Home, homes_of, lock_producers, people_of
from muster.transactions.license_judging import classes_in_force, lines_held, open_places
from muster.transactions.sql import statement
from muster.transactions.terms import Setup
from muster.transactions.writing import BATCH_COLUMNS, BATCH_TYPES, TRANSACTION_COLUMNS, TRANSACTION_TYPES

LICENSE_COLUMNS = f"{TRANSACTION_COLUMNS}, lines, paid_by, renews_from, created_at, updated_at"
LICENSE_TYPES = (*TRANSACTION_TYPES, "text", "text", "date", "timestamptz", "timestamptz")

NOBODY = Home(is_firm=False, states=frozenset())


class Told(NamedTuple):
    """What a look-up has told of a producer: the home state, and the classes of licenses in force there."""

    home_state: str
    in_force: frozenset[str]


class Wish(NamedTuple):
    """That a producer is to have these lines in a state; `paid_by` is a `Payer`, or empty.

    `told` is what the registry has told to who wishes, for producers whose licenses are not on file yet, or
    are from before: the lines were chosen among those that are not held.
    """

    producer_id: int
    state: str
    lines: tuple[Line, ...]
    paid_by: str = ""
    told: Told | None = None


@dataclass(slots=True)
class Requested:
    """What became of a wish, or of a license that was to be renewed.

    `numbers` are those of the transactions that were made, `open` those that were open already; `held` says
    that nothing was left to ask for. `estimate` is of what was made.
    """

    numbers: list[int] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    held: bool = False
    estimate: Estimate = field(default_factory=lambda: Estimate(()))


class _Row(NamedTuple):
    """A transaction that is to be written."""

    became: Requested
    producer_id: int
    state: str
    lines: tuple[tuple[str, str], ...]
    class_code: str
    license_id: int | None
    license_number: str
    paid_by: str
    renews_from: date | None
    estimate: Estimate


def request_licenses(setup: Setup, wishes: Sequence[Wish], author: Author, now: datetime) -> list[Requested]:
    """Write a transaction for each class of license that a wish comes to, in the caller's transaction.

    What a license in force holds already is not applied for again, and nothing is while an application for
    the same class is on the way. They are ready, not sent, and in one batch a producer. Locks producers; a
    constant number of statements. Says what became of each wish, in their order.
    """
    ids = sorted({wish.producer_id for wish in wishes})
    lock_producers(ids)
    # Whoever was removed before the lock was given is asked nothing for.
    here = set(Producer.objects.filter(pk__in=ids, removed_at=None).values_list("pk", flat=True))
    people = people_of(ids, states={wish.state for wish in wishes}, cocodes=())
    homes = homes_of(ids, today=setup.today)
    opened = open_places(TransactionKind.LICENSE, ids)
    found: list[Requested] = []
    rows: list[_Row] = []
    for wish in wishes:
        became = Requested()
        found.append(became)
        if wish.producer_id not in here:
            continue
        person, home = people[wish.producer_id], homes.get(wish.producer_id, NOBODY)
        if wish.told:
            home = home._replace(states=frozenset(filter(None, (wish.told.home_state,))))
        for class_code, some in _by_class(wish).items():
            place = (wish.producer_id, wish.state, "", class_code)
            if place in opened:
                became.open += [opened[place]] if opened[place] else []
                continue
            held = (
                frozenset()
                if wish.told
                else lines_held(person.licenses, state=wish.state, class_code=class_code, today=setup.today)
            )
            lines = [line for line in some if folded(line.name) not in held]
            if not lines:
                became.held = True
                continue
            opened[place] = 0
            estimate = estimate_license(
                setup.book,
                state=wish.state,
                residency="resident" if wish.state in home.states else "nonresident",
                home_state=_home_state(home),
                entity="agency" if home.is_firm else "individual",
                lines=lines,
                on=setup.today,
                registry_fee=setup.settings.registry_fee,
                held=wish.told.in_force
                if wish.told
                else classes_in_force(person.licenses, state=wish.state, today=setup.today),
            )
            rows.append(
                _Row(
                    became,
                    wish.producer_id,
                    wish.state,
                    tuple((line.code, line.name) for line in lines),
                    class_code,
                    None,
                    "",
                    wish.paid_by,
                    None,
                    estimate,
                )
            )
    _write(TransactionKind.LICENSE, rows, setup, author, now)
    return found


class Renewal(NamedTuple):
    """A license that can be renewed: what renewing it comes to, and what stands against that.

    `open` is the number of the renewal that is open, None where none is; `was_asked` says that one was made
    from the same expiry before, whatever became of it.
    """

    row: _Row
    window: Window
    open: int | None
    was_asked: bool


def renewals_of(setup: Setup, license_ids: Iterable[int]) -> dict[int, Renewal]:
    """What renewing each of these licenses comes to, by license; a constant number of queries.

    Those that are gone, that do not expire, that ended before their day, or that have lapsed for longer than
    a year are left out.
    """
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "ids": sorted(set(license_ids)),
            "organization": setup.organization_id,
            "today": setup.today,
        }
        cursor.execute(statement("renewable"), asked)
        licenses = cursor.fetchall()
    ids = sorted({row[1] for row in licenses})
    homes, opened = homes_of(ids, today=setup.today), open_places(TransactionKind.RENEWAL, ids)
    found: dict[int, Renewal] = {}
    for license_id, producer_id, state, number, class_code, class_name, *more in licenses:
        is_resident, expires_on, told, payer, was_asked = more
        lines = tuple((code, name) for code, name in json.loads(told))
        home = homes.get(producer_id, NOBODY)
        estimate = estimate_renewal(
            setup.book,
            state=state,
            residency="resident" if is_resident else "nonresident",
            home_state=_home_state(home),
            entity="agency" if home.is_firm else "individual",
            lines=renewed_lines(lines, class_code, class_name),
            on=setup.today,
            expires_on=expires_on,
            registry_fee=setup.settings.registry_fee,
        )
        row = _Row(
            *(Requested(), producer_id, state, lines, class_code),
            *(license_id, number, payer, expires_on, estimate),
        )
        window = renewal_window(
            setup.book,
            state=state,
            expires_on=expires_on,
            on=setup.today,
            entity="agency" if home.is_firm else "individual",
        )
        found[license_id] = Renewal(
            row, window, opened.get((producer_id, state, number, class_code)), was_asked
        )
    return found


def request_renewals(
    setup: Setup,
    license_ids: Iterable[int],
    author: Author,
    now: datetime,
    *,
    once: bool = True,
    paid_by: str = "",
) -> dict[int, Requested]:
    """Write a transaction that renews each of these licenses, in the caller's transaction; by license.

    None is made where one is open. `once`: nor where one was made from the same expiry before, whatever
    became of it. Who pays is as the producer's setup says, or else `paid_by`. Locks the producers; a
    constant number of statements.
    """
    ids = sorted(set(license_ids))
    whose = License.objects.filter(pk__in=ids, organization_id=setup.organization_id)
    # What somebody else makes until the locks are given is seen after that.
    lock_producers(sorted(set(whose.values_list("producer_id", flat=True))))
    renewals = renewals_of(setup, ids)
    rows: list[_Row] = []
    taken: set[tuple[object, ...]] = set()
    for renewal in renewals.values():
        row = renewal.row
        place = (row.producer_id, row.state, row.license_number, row.class_code)
        if renewal.open is not None:
            row.became.open = [renewal.open]
        elif renewal.was_asked and once:
            row.became.held = True
        elif place not in taken:
            taken.add(place)
            rows.append(row if row.paid_by else row._replace(paid_by=paid_by))
    _write(TransactionKind.RENEWAL, rows, setup, author, now)
    return {license_id: renewal.row.became for license_id, renewal in renewals.items()}


def renewed_lines(lines: Sequence[tuple[str, str]], class_code: str, class_name: str) -> tuple[Line, ...]:
    """The lines of a license as its renewal is priced; one without lines counts as one of its class."""
    return tuple(Line(name, code, class_code, class_name) for code, name in lines or (("", ""),))


def _by_class(wish: Wish) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in dict.fromkeys(in_class(wish.state, line) for line in wish.lines):
        found.setdefault(line.class_code, []).append(line)
    return found


def _home_state(home: Home) -> str:
    return next(iter(home.states)) if len(home.states) == 1 else ""


def _write(kind: TransactionKind, rows: Sequence[_Row], setup: Setup, author: Author, now: datetime) -> None:
    """Write transactions, in one batch a producer for applications, and one a state for renewals."""
    if not rows:
        return
    by_batch: dict[int | str, list[_Row]] = {}
    for row in rows:
        of = row.producer_id if kind is TransactionKind.LICENSE else row.state
        by_batch.setdefault(of, []).append(row)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("take_numbers"),
            {
                "organization": setup.organization_id,
                "batches": len(by_batch),
                "transactions": len(rows),
            },
        )
        last_batch, last = cursor.fetchone()
        cursor.execute(statement("take_batch_ids"), [len(by_batch)])
        ids = [batch_id for (batch_id,) in cursor.fetchall()]
        with cursor.copy(f"COPY transactions_batch ({BATCH_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(BATCH_TYPES)
            first = last_batch - len(by_batch) + 1
            for number, (batch_id, some) in enumerate(zip(ids, by_batch.values(), strict=True), first):
                copy.write_row(_batch(kind, some, batch_id, number, setup, author))
        number = last - len(rows)
        with cursor.copy(f"COPY transactions_transaction ({LICENSE_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(LICENSE_TYPES)
            for batch_id, some in zip(ids, by_batch.values(), strict=True):
                for row in some:
                    number += 1
                    row.became.numbers.append(number)
                    row.became.estimate = Estimate((*row.became.estimate.parts, *row.estimate.parts))
                    copy.write_row(_transaction(kind, row, batch_id, number, setup, author, now))


def _batch(
    kind: TransactionKind, some: Sequence[_Row], batch_id: int, number: int, setup: Setup, author: Author
) -> tuple[Any, ...]:
    producers = {row.producer_id for row in some}
    states = {row.state for row in some}
    return (
        batch_id,
        setup.organization_id,
        number,
        kind.value,
        BatchState.DRAFT.value,
        producers.pop() if len(producers) == 1 else None,
        states.pop() if len(states) == 1 else "",
        "",
        "",
        "{}",
        as_json({"today": str(setup.today)}),
        None,
        None,
        setup.book.short_version,
        author.operation_id,
        None,
        author.by_id,
    )


def _transaction(
    kind: TransactionKind,
    row: _Row,
    batch_id: int,
    number: int,
    setup: Setup,
    author: Author,
    now: datetime,
) -> tuple[Any, ...]:
    return (
        setup.organization_id,
        batch_id,
        number,
        kind.value,
        Status.READY.value,
        "",
        "[]",
        row.producer_id,
        row.state,
        "",
        "",
        row.lines[0][0] if len(row.lines) == 1 else "",
        lines_told(name for _, name in row.lines),
        [],
        row.class_code,
        row.license_id,
        row.license_number,
        "",
        "",
        None,
        False,
        row.estimate.by("state"),
        row.estimate.by("registry"),
        author.by_id,
        None,
        None,
        None,
        None,
        as_json([list(line) for line in row.lines]),
        row.paid_by,
        row.renews_from,
        now,
        now,
    )
