"""The `muster` command: a table of commands, each imported only when it is asked for.

A command lives in its own module, as a click command named `command`. It gets a home, Django and a database
that answers before it runs. Exit codes: 0 all good, 1 done with rejected rows (return 1), 2 cannot do it.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from muster.cli.lifetime import end_with_parent
from muster.config.errors import CannotDoIt

CANNOT_DO_IT = 2
INTERRUPTED = 130
LOG_LEVEL = "MUSTER_LOG_LEVEL"


class Needs(IntEnum):
    """What must stand before a command runs; each includes those before it."""

    NOTHING = 0
    DJANGO = 1
    DATABASE = 2
    SCHEMA = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table. `module` is under muster.cli.commands; `serves` tells servers from commands."""

    module: str
    does: str
    needs: Needs = Needs.SCHEMA
    serves: bool = False


COMMANDS = {
    "up": Entry("up", "Start everything: database, sandbox registry, worker and site.", Needs.DJANGO),
    "init": Entry("init", "Make the first organization and its administrator.", Needs.DATABASE),
    "password": Entry("password", "Give somebody a new password, and print it once."),
    "template": Entry("template", "Write the template of an upload type to a file."),
    "import": Entry("import_", "Upload a file: check it, process it, show the results."),
    "onboard": Entry("onboard", "Onboard the producers of an uploaded file."),
    "sync": Entry("sync", "Bring producers in step with the registry."),
    "appoint": Entry("appoint", "Request appointments for one producer."),
    "transactions": Entry("transactions", "Show the ledger of filings."),
    "submit": Entry("submit", "Let transactions go to the registry."),
    "cancel": Entry("cancel", "Give up transactions that were not sent."),
    "close": Entry("close", "Put transactions aside for good."),
    "reopen": Entry("reopen", "Take up again what was canceled or closed."),
    "retry": Entry("retry", "File anew what the registry rejected."),
    "remove": Entry("remove", "Remove producers from the organization."),
    "alerts": Entry("alerts", "Fetch the daily alerts that are due."),
    "report": Entry("report", "Write the rows of a report to a file."),
    "worker": Entry("worker", "Run the jobs that wait.", Needs.SCHEMA, True),
    "web": Entry("web", "Serve the site.", Needs.SCHEMA, True),
    "sandbox": Entry("sandbox", "Serve the sandbox registry.", Needs.NOTHING, True),
    "migrate": Entry("migrate", "Bring the database to this version.", Needs.DATABASE),
    "backup": Entry("backup", "Write the whole database to a file."),
    "restore": Entry("restore", "Fill an empty database from such a file.", Needs.DATABASE),
    "bench": Entry("bench", "Measure Muster beside its yardsticks.", Needs.NOTHING),
    "version": Entry("version", "Print the version.", Needs.NOTHING),
}


class Table(click.Group):
    """A group that reads its commands from COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        home = set_home(ctx.params.get("home"))
        if not entry.serves and LOG_LEVEL not in os.environ:
            # The log of a command is its output; servers write theirs into files.
            logging.disable(logging.INFO)
        if entry.needs >= Needs.DJANGO:
            _set_up_django()
        try:
            module = import_module(f"muster.cli.commands.{entry.module}")
        except ModuleNotFoundError as missing:
            if missing.name == f"muster.cli.commands.{entry.module}":
                raise CannotDoIt(f"This version of Muster has no {cmd_name} yet.") from None
            raise
        command: click.Command = module.command
        if entry.needs >= Needs.DATABASE and command.callback:
            command.callback = _after_database(command.callback, home, entry.needs)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.does) for name, entry in COMMANDS.items()])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where data, logs and secrets are kept (MUSTER_HOME, else ./var).",
)
def muster(home: Path | None) -> None:
    """Bulk onboarding, appointing and syncing of insurance producers."""


def main() -> None:
    """Run the command line and exit; whatever happens, the person gets one sentence and no traceback."""
    end_with_parent()
    try:
        result = muster.main(standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.ClickException as problem:
        problem.show()
        code = CANNOT_DO_IT
    except CannotDoIt as problem:
        click.echo(str(problem), err=True)
        code = CANNOT_DO_IT
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left early, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception:
        click.echo(f"Muster came upon a fault of its own; {_log_fault()} says where.", err=True)
        code = CANNOT_DO_IT
    sys.exit(code)


def set_home(given: Path | None = None) -> Path:
    """Return MUSTER_HOME as an absolute folder that exists, and name it to the settings and to children."""
    home = Path(given or os.environ.get("MUSTER_HOME") or "var").expanduser().resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "log").mkdir(exist_ok=True)
    except OSError as problem:
        raise CannotDoIt(
            f"Cannot use {home}: {problem.strerror}; set MUSTER_HOME to a folder of yours."
        ) from None
    os.environ["MUSTER_HOME"] = str(home)
    return home


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muster.config.settings")
    import django

    django.setup()


def _after_database(callback: Callable[..., Any], home: Path, needs: Needs) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        from muster.cli.postgres import ensure_database
        from muster.cli.schema import require_answer, require_schema

        ensure_database(home)
        require_answer()
        if needs >= Needs.SCHEMA:
            require_schema()
        return callback(*args, **kwargs)

    return run


def _log_fault() -> Path:
    log = Path(os.environ.get("MUSTER_HOME", "var")).resolve() / "log" / "muster.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat()} muster {sys.argv[1:2]}\n{traceback.format_exc()}\n")
    return log
