"""The benchmark `lists`: pages of lists, whatever is asked of them, and taking all that match."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import p95
from bench.ground import clear, freshen, no_history, prepare

Tell = Callable[[str], None]

APPOINTMENTS = (
    "",
    "?state=CA",
    "?status=in-force",
    "?status=ended",
    "?health=at_risk",
    "?company=90101",
    "?company=90101&state=CA",
    "?q=smith",
    "?q=1234",
    "?where=line:is:Life",
    "?where=line:is:Falconry",
    "?where=cocode:is:90101&where=status:is:Appointed&where=line:is:Life&where=state:in:CA;NV",
    "?where=status:is:Terminated",
    "?where=effective_on:after:2020-01-01",
    "?where=renews_on:before:2026-02-01",
    "?columns=producer,npn,state,line,cocode,agency,license_states",
)
LICENSES = (
    "",
    "?state=CA",
    "?standing=expired",
    "?q=smith",
    "?where=residency:is:R",
    "?where=is_active:is:no",
)
OTHERS = [
    *(
        ("appointments", f"/appointments/{query}{'&' if query else '?'}sort={sort}")
        for query in APPOINTMENTS
        for sort in ("-added", "added", "state", "company")
    ),
    *(
        ("licenses", f"/licenses/{query}{'&' if query else '?'}sort={sort}")
        for query in LICENSES
        for sort in ("expiry", "-expiry", "state")
    ),
]
"""What is asked of other lists, by kind."""

STATEMENTS = Path(__file__).with_suffix(".sql")
LIST = "/producers/"
BY_KEY = "by_primary_key"
BY_OFFSET = "count_and_offset"

COMMON = (
    "Smith Johnson Williams Brown Jones García Miller Davis Rodríguez Martínez Wilson Anderson Núñez O'Brien"
)
BEGINS = "Al Bar Ben Car Dan El Fen Gar Hal Jen Kal Lan Mar Nor Os Par Quin Ran Sal Tal Ul Van Wes Yar Zim"
MIDDLES = "a be co da en fi go ha in"
ENDS = "berg dale field ford holm land ley man more quist ridge sen son stad ton wald"
FIRST = "James Mary Robert Linda José Ana Mary-Ann Zoë Ada Adam Bo Cy Fiona Grace Ines Luis Olga Sam Tom Uma"


def measure(home: Path, *, rows: int, turns: int, tell: Tell, sample: int = 400) -> dict[str, Any]:
    """Ask for `sample` pages, each `turns` times, at `rows` producers; `seconds` is the 95th percentile.

    The pages are drawn from every combination of search, state, status, agency, problem and order, each with
    a second page and one deep inside; and from the filters, conditions and orders of the lists of
    appointments, five a producer, and of licenses. Yardsticks, taken in alternation: the same page rows
    fetched by primary key, and a page counted and cut off by OFFSET, as it is commonly done. Beside it, all
    producers are selected for an action, and inserted bare.
    """
    prepare(home)
    clear(home)
    with no_history(home):
        member = _fill(rows)
    freshen(home)
    tell(f"{rows:,} producers are there")
    pages = _addresses(member, sample)
    taken: dict[str, list[float]] = {"muster": [], BY_KEY: [], BY_OFFSET: []}
    kinds: dict[str, list[float]] = {}
    client = _browser(member)
    for number, (kind, address) in enumerate(pages):
        ours = median(_seconds(partial(client.get, address)) for _ in range(turns))
        taken["muster"].append(ours)
        kinds.setdefault(kind, []).append(ours)
        taken[BY_KEY].append(_seconds(lambda: _page_by_key(member, rows)))
        if number % 10 == 0:
            taken[BY_OFFSET].append(_seconds(lambda: _page_by_offset(member, rows)))
            tell(f"page {number + 1} of {len(pages)}: {ours * 1000:.0f} ms")
    take, insert = partial(_take_all, member), partial(_insert_all, member)
    selected = [(_seconds(take), _seconds(insert)) for _ in range(3)]
    of = {name: p95(seconds) for name, seconds in taken.items()}
    ours = of.pop("muster")
    return {
        "bench": "lists",
        "rows": rows,
        "seconds": round(ours, 4),
        "yardsticks": {name: round(theirs, 4) for name, theirs in of.items()},
        "ratios": {
            **{name: round(ours / theirs, 3) for name, theirs in of.items()},
            "select_all_to_bare_insert": round(median(mine / bare for mine, bare in selected), 3),
        },
        "steps": {
            "select all": round(median(mine for mine, _ in selected), 4),
            "bare insert of all": round(median(bare for _, bare in selected), 4),
            **{
                f"{kind}, {name}": round(figure(seconds), 4)
                for kind, seconds in sorted(kinds.items())
                for name, figure in (("median", median), ("95th percentile", p95), ("longest", max))
            },
        },
        "peak_rss_mb": {},
        "pages": len(pages),
        "turns": turns,
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill(rows: int) -> Any:
    """Put producers with licenses into the database; return who looks at them."""
    from django.db import connection

    from muster.access.models import Membership
    from muster.core.words import states
    from muster.producers.models import Agency

    member = Membership.objects.select_related("user").get(organization__slug="bench")
    last = [*COMMON.split(), *map("".join, product(BEGINS.split(), MIDDLES.split(), ENDS.split()))]
    values = {
        "organization": member.organization_id,
        "agencies": list(Agency.objects.order_by("id").values_list("id", flat=True)),
        "states": list(states()),
        "first": FIRST.split(),
        "last": last,
        "rows": rows,
    }
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.read_text("utf-8").split(";\n")):
            cursor.execute(statement, values)
    return member


def _addresses(member: Any, sample: int) -> list[tuple[str, str]]:
    """What is asked, by kind: drawn from all combinations, always the same ones."""
    from muster.console.producers.address import query_of
    from muster.lists.keyset import write_place
    from muster.producers.models import SyncStatus
    from muster.producers.queries import NO_AGENCY, ORDERS, Selection, visible_producers

    drawing = random.Random(2026)
    agencies = list(visible_producers(member).order_by("id").values_list("agency", flat=True)[:2000:700])
    searches = ("", "s", "smi", "smith", "o'b", "mary smi", "Smith, Mary", "zimaberg", "qqqq", "12", "123456")
    statuses = (
        (),
        ("success",),
        ("queued",),
        ("error", "timeout"),
        ("not_started",),
        tuple(SyncStatus.values),
    )
    asked = [
        Selection(*one)
        for one in product(
            searches,
            ("", "CA", "AK", "WY"),
            statuses,
            (None, NO_AGENCY, *agencies),
            ("", "attention"),
            ORDERS,
        )
    ]
    alone = [one for one in asked if _filters(one) <= 1]
    chosen = alone + drawing.sample(asked, sample)
    ids = drawing.sample(range(1, visible_producers(member).count()), 200)
    somebody = list(visible_producers(member).filter(id__in=ids))
    pages = []
    for one in chosen:
        kind = {0: "no filter", 1: "one filter", 2: "two filters"}.get(_filters(one), "more filters")
        pages.append((kind, LIST + query_of(one)))
        keys = [getattr(drawing.choice(somebody), key) for key in ORDERS[one.order].keys]
        pages.append((f"{kind}, deep inside", LIST + query_of(one, after=write_place(keys))))
    return [*pages, *OTHERS]


def _take_all(member: Any) -> None:
    """Select all producers for an action, as the list does."""
    from uuid import uuid4

    from django.db import transaction
    from django.utils import timezone

    from muster.bulk.kinds import selection_kind_named
    from muster.bulk.operations import start_selection
    from muster.producers.queries import visible_producers

    with transaction.atomic():
        start_selection(
            operation_id=uuid4(),
            member=member,
            kind=selection_kind_named("resync-producers"),
            selection=visible_producers(member).order_by("sort_name", "id"),
            now=timezone.now(),
            defer=False,
        )
        transaction.set_rollback(True)


BARE = """
INSERT INTO bulk_item (operation_id, row_no, key, state, target_id, cells, data)
SELECT gen_random_uuid(), 1, id::text, 'pending', id, '[]', '{}' FROM producers_producer
WHERE organization_id = %s
"""


def _insert_all(member: Any) -> None:
    """Insert as many rows into the same table, bare."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE, [member.organization_id])
        transaction.set_rollback(True)


def _filters(selection: Any) -> int:
    return sum(
        map(
            bool, (selection.search, selection.state, selection.statuses, selection.agency, selection.problem)
        )
    )


def _browser(member: Any) -> Any:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(member.user)
    client.get(LIST)
    return client


def _page_by_key(member: Any, rows: int) -> None:
    from muster.licenses.models import License
    from muster.producers.queries import visible_producers

    ids = random.sample(range(1, rows), min(50, rows - 1))
    list(visible_producers(member).filter(id__in=ids).select_related("agency").defer("search_words"))
    list(License.objects.filter(producer__in=ids))


def _page_by_offset(member: Any, rows: int) -> None:
    from muster.producers.queries import visible_producers

    found = visible_producers(member).filter(last_name__icontains="smith").order_by("last_name", "first_name")
    count = found.count()
    list(found.select_related("agency").defer("search_words")[count // 2 : count // 2 + 50])
