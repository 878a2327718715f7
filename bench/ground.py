"""The ground on which turns are taken: a PostgreSQL of its own, as in production, without producers."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import IO
from uuid import uuid4

import psycopg
from psycopg import sql

from bench.files import AGENCIES, COMPANIES, FIRST_AGENCY_NPN
from muster.cli.cluster import SUPERUSER
from muster.cli.postgres import ensure_database
from muster.config.database import EMBEDDED_DATABASE, embedded_url
from muster.config.errors import CannotDoIt

LOOKS, LOOK_AGAIN = 100, 0.05
"""So often, and after so many seconds, it is looked whether the sessions of a turn have ended."""

EMPTIED = (
    "producers_producer",
    "assignments_assignment",
    "scorecards_gap",
    "bulk_operation",
    "bulk_uploadpart",
    "bulk_item",
    "bulk_finding",
    "transactions_numbering",
    "transactions_statuschange",
    "transactions_authorityanswer",
    "portals_portal",
    "notices_email",
    "procrastinate_jobs",
    "notices_email",
)


_held: list[IO[bytes]] = []


def prepare(home: Path) -> None:
    """Start the database of the benchmarks under `home` and put one organization into it.

    This process and those it starts work in that home from now on, whatever DATABASE_URL says: benchmarks
    empty tables. Raises CannotDoIt where another benchmark does the same.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _be_alone(home)
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("MUSTER_OWNER_DATABASE_URL", None)
    os.environ["MUSTER_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
    ensure_database(home)

    import django

    django.setup()

    from muster.cli.schema import migrate

    migrate()
    _found_organization()


def _be_alone(home: Path) -> None:
    if _held:
        return
    lock = (home / "bench.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotDoIt(f"Another benchmark is at work in {home}; wait for its end.") from None
    _held.append(lock)


def _found_organization() -> None:
    from muster.access.models import Membership, Organization, User
    from muster.access.permissions import Role
    from muster.carriers.models import Company
    from muster.producers.models import Agency

    if Membership.objects.exists():
        return
    organization = Organization.objects.create(name="Bench", slug="bench")
    user = User.objects.create_user("bench@bench.example")
    Membership.objects.create(organization=organization, user=user, role=Role.ADMIN.value, can_see_ssn=True)
    Agency.objects.bulk_create(
        Agency(organization=organization, npn=str(FIRST_AGENCY_NPN + number), name=f"Agency {number}")
        for number in range(AGENCIES)
    )
    Company.objects.bulk_create(
        Company(organization=organization, name=f"Company {cocode}", cocode=cocode) for cocode in COMPANIES
    )


def add_producers(npns: Iterable[str]) -> None:
    """Put producers there as they are after an upload: each assigned to three states, and never synced."""
    from muster.access.models import Organization
    from muster.assignments.models import Assignment
    from muster.core.scorecard import LICENSE_AND_APPOINTMENT
    from muster.producers.models import Producer

    organization = Organization.objects.get(slug="bench")
    made = Producer.objects.bulk_create(
        (Producer(organization=organization, npn=npn) for npn in npns), batch_size=5000
    )
    Assignment.objects.bulk_create(
        (
            Assignment(
                organization=organization,
                producer=producer,
                identity=uuid4(),
                categories=["life", "health"],
                states=["CA", "TX", "FL"],
                scorecard_type=LICENSE_AND_APPOINTMENT,
                agent_type="producer",
            )
            for producer in made
        ),
        batch_size=5000,
    )


def clear(home: Path) -> None:
    """Empty the tables, freshen statistics and write everything out, so that all turns begin alike."""
    with _superuser(home) as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(_names(EMPTIED)))
    freshen(home)


def forget_rows(home: Path, table: str) -> None:
    """Empty one table, and leave what it points to."""
    with _superuser(home) as connection:
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))
    freshen(home)


def freshen(home: Path) -> None:
    """Freshen statistics, drop dead rows and write everything out, as the role that owns the tables."""
    with _superuser(home) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


@contextmanager
def no_history(home: Path) -> Iterator[None]:
    """Let nobody keep the history of records for as long as this lasts."""
    with _superuser(home) as connection:
        found = connection.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'history_%'"
            " AND tgrelid <> 'history_change'::regclass"
        )
        tables = [sql.Identifier(table) for (table,) in found.fetchall()]
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        try:
            yield
        finally:
            for table in tables:
                connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def writes(home: Path) -> dict[str, int]:
    """How many rows each table has had added, changed and deleted since it was made."""
    with _superuser(home) as connection:
        # A session counts what it wrote at the latest when it ends, which it may not have done quite yet.
        others = (
            "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
        for _ in range(LOOKS):
            if not connection.execute(others).fetchone():
                break
            sleep(LOOK_AGAIN)
        counts = connection.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
            " WHERE schemaname = 'public' ORDER BY relname"
        )
        return dict(counts.fetchall())


def rows_in(home: Path, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each of these tables has."""
    with _superuser(home) as connection:
        found = {}
        for table in tables:
            (found[table],) = connection.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            ).fetchone() or (0,)
        return found


def written(home: Path) -> tuple[int, int]:
    """How many producers and assignments there are."""
    with _superuser(home) as connection:
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM producers_producer), (SELECT count(*) FROM assignments_assignment)"
        )
        producers, assignments = counts.fetchone() or (0, 0)
        return producers, assignments


def keep_rows(home: Path, table: str, columns: list[str], path: Path) -> None:
    """Write the rows of a table to a file, as COPY reads them."""
    ask = sql.SQL("COPY (SELECT {} FROM {} ORDER BY id) TO STDOUT").format(
        _names(columns), sql.Identifier(table)
    )
    with _superuser(home) as connection, path.open("wb") as file, connection.cursor().copy(ask) as copy:
        file.writelines(copy)


def _names(names: tuple[str, ...] | list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _superuser(home: Path) -> psycopg.Connection:
    return psycopg.connect(embedded_url(home, role=SUPERUSER, database=EMBEDDED_DATABASE), autocommit=True)
