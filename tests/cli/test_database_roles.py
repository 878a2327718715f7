"""What was recorded stays: the role that runs Muster adds to it and reads it, and can do nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, RaiseException

from muster.cli.cluster import SUPERUSER
from muster.cli.postgres import ensure_database, leave_database
from muster.cli.roles import APPEND_ONLY
from muster.config.database import EMBEDDED_DATABASE, database_url, embedded_url, owner_url
from tests.cli.process import UP, free_port, get, muster, running, up
from tests.ready_made import copy_of_migrated_home

UNGUARDED = "The event log and the history are guarded by triggers only: the role {}, which runs Muster,"

ON_RECORDED = (
    "UPDATE {table} SET organization_id = organization_id",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "TRUNCATE access_organization CASCADE",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET organization_id = NULL",
    "ALTER TABLE {table} ADD COLUMN mine integer",
    "ALTER TABLE {table} RENAME TO forgotten",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "DROP TABLE {table} CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION audit_event_is_append_only()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1)",
)
ON_THE_WAY = (
    "SET ROLE muster",
    "SET SESSION AUTHORIZATION muster",
    "SET session_replication_role = replica",
    "CREATE TABLE mine ()",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NEW; END'",
    "DROP FUNCTION audit_event_is_append_only() CASCADE",
    "DROP SCHEMA public CASCADE",
    "ALTER DATABASE muster OWNER TO CURRENT_USER",
    "CREATE ROLE mine SUPERUSER",
    "COPY audit_event TO PROGRAM 'cat'",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose database is up to date, and runs."""
    home = tmp_path_factory.mktemp("server")
    copy_of_migrated_home(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        ensure_database(home, durable=False)
        yield home
        leave_database(home)


@pytest.fixture
def application(server: Path) -> Iterator[psycopg.Connection]:
    """A connection as site and worker have it."""
    with psycopg.connect(database_url(server), autocommit=True) as connection:
        yield connection


def as_superuser(home: Path, *statements: str, database: str = EMBEDDED_DATABASE) -> None:
    url = embedded_url(home, role=SUPERUSER, database=database)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


def roles_at_work(home: Path, database: str) -> set[str]:
    """The roles of all who are connected to a database."""
    with psycopg.connect(embedded_url(home, role=SUPERUSER, database="postgres")) as connection:
        found = connection.execute(
            "SELECT usename FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            [database],
        )
        return {role for (role,) in found}


def record(connection: psycopg.Connection, subject: str) -> None:
    connection.execute("INSERT INTO audit_event (kind, subject, data) VALUES ('login', %s, '{}')", [subject])


def subjects(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [subject for (subject,) in connection.execute("SELECT subject FROM audit_event ORDER BY id")]


def is_out_of_reach(url: str) -> bool:
    """Whether what was recorded can be added to, and not be changed."""
    with psycopg.connect(url, autocommit=True) as connection:
        record(connection, "added")
        for table in APPEND_ONLY:
            for statement in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"):
                with suppress(InsufficientPrivilege):
                    with suppress(RaiseException):
                        connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
                    return False
    return True


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ON_RECORDED)
def test_what_was_recorded_cannot_be_changed(
    application: psycopg.Connection, statement: str, table: str
) -> None:
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement.format(table=table))


@pytest.mark.parametrize("statement", ON_THE_WAY)
def test_no_way_around_is_open(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement)


def test_the_role_that_runs_muster_cannot_give_itself_more(application: psycopg.Connection) -> None:
    application.execute("GRANT ALL ON audit_event TO muster_app")
    with pytest.raises(InsufficientPrivilege):
        application.execute("DELETE FROM audit_event")


def test_what_happens_is_recorded_and_read(server: Path, application: psycopg.Connection) -> None:
    subject = str(uuid4())
    record(application, subject)
    assert subject in subjects(database_url(server))
    application.execute(
        "WITH made AS ("
        " INSERT INTO access_organization (name, slug, kind) VALUES ('A', %s, 'agency') RETURNING id"
        ") INSERT INTO history_change"
        " (organization_id, producer_id, kind, verb, record_id, about, old, new, source)"
        " SELECT id, 1, 'license', 'changed', 1, '{}', '{}', '{}', 'person' FROM made",
        [subject],
    )


def test_a_temporary_table_of_the_same_name_catches_nothing(
    server: Path, application: psycopg.Connection
) -> None:
    slug = str(uuid4())
    with psycopg.connect(owner_url(server), autocommit=True) as owner:
        owner.execute("INSERT INTO access_organization (name, slug, kind) VALUES ('A', %s, 'agency')", [slug])
        owner.execute(
            "INSERT INTO producers_producer (organization_id, npn, email, synced_at)"
            " SELECT id, '1234567', 'old@firm.example', now() FROM access_organization WHERE slug = %s",
            [slug],
        )
    application.execute("CREATE TEMPORARY TABLE history_change (LIKE public.history_change INCLUDING ALL)")
    application.execute("UPDATE producers_producer SET email = 'new@firm.example'")
    told = "SELECT old ->> 'email', new ->> 'email' FROM public.history_change WHERE kind = 'producer'"
    assert application.execute(told).fetchall() == [("old@firm.example", "new@firm.example")]
    # Else it is dropped after the connection has closed, while the next test counts what the role owns.
    application.execute("DROP TABLE pg_temp.history_change")


def test_the_role_that_runs_muster_owns_nothing_and_is_nobody_else(application: psycopg.Connection) -> None:
    owned = "SELECT count(*) FROM pg_shdepend WHERE refobjid = current_user::regrole AND deptype = 'o'"
    assert application.execute(owned).fetchone() == (0,)
    others = "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'MEMBER') ORDER BY 1"
    assert application.execute(others).fetchall() == [("muster_app",)]


def test_fresh_statistics_can_be_asked_for(application: psycopg.Connection) -> None:
    application.execute("SELECT bulk_item_analyze()")
    application.execute("SELECT pg_stat_force_next_flush()")
    analyzed = "SELECT analyze_count > 0 FROM pg_stat_user_tables WHERE relname = 'bulk_item'"
    assert application.execute(analyzed).fetchone() == (True,)


def test_a_data_folder_of_one_role_gets_the_second_when_it_comes_up(home: Path) -> None:
    ensure_database(home, durable=False)
    as_superuser(home, "DROP OWNED BY muster_app", "DROP ROLE muster_app")
    with psycopg.connect(owner_url(home)) as owner:
        record(owner, "of old")
    leave_database(home)
    port = free_port()
    with up(home, port, "--no-demo") as started:
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        assert roles_at_work(home, EMBEDDED_DATABASE) == {"muster_app"}
        assert subjects(database_url(home)) == ["of old"]
        assert is_out_of_reach(database_url(home))
    assert not any("triggers only" in line for line in started.said)


def test_a_backup_keeps_what_was_recorded_out_of_reach(home: Path, database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        record(connection, "kept")
    file, other = tmp_path / "muster.dump", tmp_path / "other"
    assert muster(home, "backup", str(file)).returncode == 0
    restored = muster(other, "restore", str(file))
    assert (restored.returncode, restored.stdout) == (0, "Restored.\n"), restored.stderr
    ensure_database(other, durable=False)
    try:
        assert subjects(database_url(other)) == ["kept"]
        assert is_out_of_reach(database_url(other))
    finally:
        leave_database(other)


@pytest.fixture
def given(server: Path) -> Iterator[tuple[str, str]]:
    """A server of one's own, with a database and two roles: the URLs of the application and of the owner."""
    as_superuser(
        server,
        "CREATE ROLE firm_owner LOGIN",
        'CREATE ROLE "firm-app" LOGIN',
        "CREATE DATABASE firm OWNER firm_owner",
    )
    urls = [embedded_url(server, role=role, database="firm") for role in ("firm-app", "firm_owner")]
    yield urls[0], urls[1]
    as_superuser(server, "DROP DATABASE firm WITH (FORCE)", 'DROP ROLE firm_owner, "firm-app"')


def test_one_role_serves_as_before_says_so_and_can_be_parted(given: tuple[str, str], tmp_path: Path) -> None:
    application, owner = given
    one = muster(tmp_path, "migrate", DATABASE_URL=owner)
    assert one.returncode == 0, one.stderr
    assert one.stdout.splitlines()[1].startswith(UNGUARDED.format("firm_owner"))
    make = ("init", "--organization", "Firm", "--email", "you@firm.example")
    assert muster(tmp_path, *make, DATABASE_URL=owner).returncode == 0
    assert not is_out_of_reach(owner)

    not_yet = muster(tmp_path, "backup", str(tmp_path / "x.dump"), DATABASE_URL=application)
    assert not_yet.returncode == 2
    assert not_yet.stderr.startswith("The database's role firm-app may not read the tables of Muster; run")

    two = muster(tmp_path, "migrate", DATABASE_URL=application, MUSTER_OWNER_DATABASE_URL=owner)
    assert (two.returncode, two.stdout) == (0, "The database is up to date.\n"), two.stderr
    assert is_out_of_reach(application)
    told = muster(tmp_path, "init", "--json", DATABASE_URL=application)
    assert told.returncode == 0, told.stderr


def test_two_roles_of_a_server_of_ones_own(given: tuple[str, str], server: Path, tmp_path: Path) -> None:
    application, owner = given
    both = {"DATABASE_URL": application, "MUSTER_OWNER_DATABASE_URL": owner}
    refused = muster(tmp_path, "migrate", DATABASE_URL=application)
    assert refused.returncode == 2
    assert "firm-app may not change the tables of Muster; name their owner with MUSTER_" in refused.stderr

    port = free_port()
    with running(tmp_path, "-m", "muster.cli", "up", "--no-demo", "--port", str(port), **both) as started:
        started.wait_for(UP)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        assert roles_at_work(server, "firm") == {"firm-app"}
        family = started.family()[1:]
        assert len(family) > 3
        assert not any("MUSTER_OWNER_DATABASE_URL" in variables(process) for process in family)
    assert not any("triggers only" in line for line in started.said)
    assert is_out_of_reach(application)

    file = tmp_path / "muster.dump"
    assert muster(tmp_path, "backup", str(file), **both).returncode == 0
    as_superuser(server, "DROP DATABASE firm WITH (FORCE)", "CREATE DATABASE firm OWNER firm_owner")
    restored = muster(tmp_path, "restore", str(file), **both)
    assert (restored.returncode, restored.stdout) == (0, "Restored.\n"), restored.stderr
    assert subjects(application) == ["added"]
    assert is_out_of_reach(application)


def variables(process: psutil.Process) -> dict[str, str]:
    """Its environment; nothing where it has ended since somebody listed it."""
    try:
        return process.environ()
    except psutil.NoSuchProcess:
        return {}


@pytest.mark.parametrize(
    "more", ['GRANT firm_owner TO "firm-app"', 'ALTER DATABASE firm OWNER TO "firm-app"']
)
def test_two_roles_that_are_not_apart_are_told(
    given: tuple[str, str], server: Path, tmp_path: Path, more: str
) -> None:
    application, owner = given
    as_superuser(server, "GRANT ALL ON SCHEMA public TO firm_owner", more, database="firm")
    done = muster(tmp_path, "migrate", DATABASE_URL=application, MUSTER_OWNER_DATABASE_URL=owner)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith(UNGUARDED.format("firm-app"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"MUSTER_OWNER_DATABASE_URL": "{owner}"}, "MUSTER_OWNER_DATABASE_URL goes with a DATABASE_URL"),
        (
            {"DATABASE_URL": "{application}", "MUSTER_OWNER_DATABASE_URL": "mysql://me:hush@host/x"},
            "MUSTER_OWNER_DATABASE_URL must begin with postgresql://",
        ),
        (
            {"DATABASE_URL": "{application}", "MUSTER_OWNER_DATABASE_URL": "{embedded}"},
            "MUSTER_OWNER_DATABASE_URL names another database than DATABASE_URL does.",
        ),
        (
            {"DATABASE_URL": "{application}", "MUSTER_OWNER_DATABASE_URL": "{nobody}"},
            "The database does not answer its owner: ",
        ),
    ],
)
def test_an_owner_that_does_not_fit_is_told_in_one_sentence(
    given: tuple[str, str], server: Path, tmp_path: Path, names: dict[str, str], said: str
) -> None:
    application, owner = given
    urls = {
        "application": application,
        "owner": owner,
        "embedded": owner_url(server),
        "nobody": embedded_url(server, role="nobody", database="firm"),
    }
    done = muster(tmp_path, "migrate", **{name: url.format(**urls) for name, url in names.items()})
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1
    assert "hush" not in done.stderr
