"""Measuring Muster beside its yardsticks."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from muster.config.errors import CannotDoIt

REPOSITORY = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark: its module in the folder `bench`, and how many rows it takes if nobody says."""

    module: str
    rows: int


BENCHMARKS = {
    "import": Benchmark("imports", 100_000),
    "check": Benchmark("checks", 100_000),
    "sync": Benchmark("syncs", 10_000),
    "store": Benchmark("stores", 10_000),
    "lists": Benchmark("lists", 1_000_000),
    "report": Benchmark("reports", 1_000_000),
    "scorecards": Benchmark("scorecards", 100_000),
    "onboard": Benchmark("onboards", 10_000),
    "submit": Benchmark("submits", 5_000),
    "appoint": Benchmark("appoints", 25_000),
    "terminate": Benchmark("terminates", 50_000),
    "authority": Benchmark("authority", 1_000_000),
    "estimate": Benchmark("estimates", 100),
    "invite": Benchmark("invites", 10_000),
    "portal": Benchmark("portals", 500),
    "mail": Benchmark("mails", 10_000),
}


@click.command()
@click.argument("name", type=click.Choice(list(BENCHMARKS)))
@click.option("--rows", type=click.IntRange(min=100), help="Else as many as the benchmark is meant for.")
@click.option(
    "--turns", type=click.IntRange(min=1), default=3, show_default=True, help="Taken in alternation."
)
@click.option(
    "--yardstick",
    "yardsticks",
    multiple=True,
    help="import: only beside this one; may be given several times.",
)
@click.option("--whole", is_flag=True, help="import: time slow yardsticks on all rows, not on a sample.")
@click.option(
    "--scaling", is_flag=True, help="import: 10,000, 100,000 and 1,000,000 rows, and how time grows."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    name: str,
    rows: int | None,
    turns: int,
    yardsticks: tuple[str, ...],
    whole: bool,
    scaling: bool,
    as_json: bool,
) -> None:
    """Measure NAME in one run beside its yardsticks: medians of turns taken in alternation.

    `import`: an Agent upload, from the file to its results file. `check`: how soon the check page shows what
    was found in a file with many faults. `sync`: producers brought in step with a slow registry. `store`:
    their reports merged with what is on record. `onboard`: a file of producers onboarded with payment, with a
    slow registry. `lists`: pages of lists, whatever is asked of them. `report`: the export of a report, from
    the request to the file. `scorecards`: assignments judged by what is known of their producers. `appoint`:
    requests for appointments, from the file to stored verdicts. `terminate`: ends of appointments, from the
    file to stored transactions. `authority`: whether producers may sell, asked of the site as it is served.
    `invite`: producers invited to a portal, until a mail server has their mails.
    `portal`: so many producers at once on their pages, each reading for ten seconds between two.
    `mail`: a mailing through the outbox, to a mail server that takes everything at once.
    The database is one of its own, under MUSTER_HOME/bench.
    """
    if not (REPOSITORY / "bench").is_dir():
        raise CannotDoIt("Benchmarks run from a checkout of Muster, not from an installed package.")
    sys.path.insert(0, str(REPOSITORY))
    bench = import_module(f"bench.{BENCHMARKS[name].module}")
    home = Path(os.environ["MUSTER_HOME"]) / "bench"
    options: dict[str, Any] = {"turns": turns, "tell": _tell}
    if name == "import" and scaling:
        report = bench.scale(home, **options)
    else:
        if name == "import":
            options |= {"whole": whole, "yardsticks": _known(yardsticks, bench.YARDSTICKS)}
        report = bench.measure(home, rows=rows or BENCHMARKS[name].rows, **options)
    click.echo(json.dumps(report) if as_json else _words(report))


def _known(named: tuple[str, ...], there_are: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in named if name not in there_are]:
        raise CannotDoIt(f"There is no yardstick “{unknown[0]}”; there is: {', '.join(there_are)}.")
    return named or there_are


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _words(report: dict[str, Any]) -> str:
    lines = [f"{report['bench']}, {report['rows']:,} rows: {report['seconds']:.3f} s"]
    lines += [f"  {step:<40} {seconds:>9.3f} s" for step, seconds in report.get("steps", {}).items()]
    lines += [
        f"  {name:<40} {seconds:>9.3f} s   ours / theirs {report['ratios'][name]:.3f}"
        for name, seconds in report["yardsticks"].items()
    ]
    lines += [
        f"  {sampled['rows']:,} rows of {name} were timed, and scaled by {sampled['scaled_by']:g}"
        for name, sampled in report.get("sampled", {}).items()
    ]
    lines += [f"  {table:<40} {count:>9,} rows" for table, count in report.get("records", {}).items()]
    lines += [
        f"  {table:<40} {count:>9,} rows written when nothing had changed"
        for table, count in report.get("written_again", {}).items()
    ]
    lines += [f"  {name:<40} {peak:>9,} MB at its peak" for name, peak in report["peak_rss_mb"].items()]
    for size in report.get("scaling", ()):
        peaks = ", ".join(f"{name} {peak:,} MB" for name, peak in size["peak_rss_mb"].items())
        lines.append(f"  {size['rows']:>9,} rows {size['seconds']:>9.3f} s   {peaks}")
    lines += [f"  {name:<40} {share:>9.0%} of the bound" for name, share in report.get("reached", {}).items()]
    if "exponent" in report:
        lines.append(
            f"  time grows as rows to the power of {report['exponent']:.3f}, "
            f"that of the processors {report['cpu_exponent']:.3f}"
        )
    return "\n".join(lines)
