"""Measuring Muster beside its yardsticks."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from muster.config.errors import CannotDoIt

REPOSITORY = Path(__file__).resolve().parents[4]


@click.command()
@click.argument("name", type=click.Choice(["import", "check"]))
@click.option("--rows", type=click.IntRange(min=100), default=100_000, show_default=True)
@click.option(
    "--turns", type=click.IntRange(min=1), default=3, show_default=True, help="Taken in alternation."
)
@click.option(
    "--yardstick", "yardsticks", multiple=True, help="Only beside this one; may be given several times."
)
@click.option("--whole", is_flag=True, help="Time slow yardsticks on all rows, not on a sample.")
@click.option("--scaling", is_flag=True, help="Import 10,000, 100,000 and 1,000,000 rows instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    name: str, rows: int, turns: int, yardsticks: tuple[str, ...], whole: bool, scaling: bool, as_json: bool
) -> None:
    """Measure NAME in one run beside its yardsticks: medians of turns taken in alternation.

    `import`: an Agent upload, from the file to its results file. `check`: how soon the check page shows what
    was found in a file with many faults. The database is one of its own, under MUSTER_HOME/bench.
    """
    if not (REPOSITORY / "bench").is_dir():
        raise CannotDoIt("Benchmarks run from a checkout of Muster, not from an installed package.")
    sys.path.insert(0, str(REPOSITORY))
    from bench import checks, imports

    home = Path(os.environ["MUSTER_HOME"]) / "bench"
    if name == "check":
        report = checks.measure(home, rows=rows, turns=turns, tell=_tell)
    elif scaling:
        report = imports.scale(home, turns=turns, tell=_tell)
    else:
        report = imports.measure(
            home,
            rows=rows,
            turns=turns,
            tell=_tell,
            whole=whole,
            yardsticks=_known(yardsticks, imports.YARDSTICKS),
        )
    click.echo(json.dumps(report) if as_json else _words(report))


def _known(named: tuple[str, ...], there_are: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in named if name not in there_are]:
        raise CannotDoIt(f"There is no yardstick “{unknown[0]}”; there is: {', '.join(there_are)}.")
    return named or there_are


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _words(report: dict[str, Any]) -> str:
    lines = [f"{report['bench']}, {report['rows']:,} rows: {report['seconds']:.2f} s"]
    lines += [f"  {step:<40} {seconds:>9.2f} s" for step, seconds in report.get("steps", {}).items()]
    lines += [
        f"  {name:<40} {seconds:>9.2f} s   ours / theirs {report['ratios'][name]:.3f}"
        for name, seconds in report["yardsticks"].items()
    ]
    lines += [
        f"  {sampled['rows']:,} rows of {name} were timed, and scaled by {sampled['scaled_by']:g}"
        for name, sampled in report.get("sampled", {}).items()
    ]
    lines += [f"  {name:<40} {peak:>9,} MB at its peak" for name, peak in report["peak_rss_mb"].items()]
    for size in report.get("scaling", ()):
        peaks = ", ".join(f"{name} {peak:,} MB" for name, peak in size["peak_rss_mb"].items())
        lines.append(f"  {size['rows']:>9,} rows {size['seconds']:>9.2f} s   {peaks}")
    if "exponent" in report:
        lines.append(f"  time grows as rows to the power of {report['exponent']:.3f}")
    return "\n".join(lines)
