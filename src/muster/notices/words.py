"""What a mail says about an operation that has ended. Pure: facts in, words out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.core.counting import counted, in_words

# In this order, and in these words after a number.
OUTCOMES: Mapping[str, str] = {
    "created": "Created",
    "updated": "Updated",
    "unchanged": "Unchanged",
    "duplicate": "Duplicate",
    "rejected": "Rejected",
}


WRITTEN = ("created", "updated", "unchanged")


def nothing_written(outcomes: Mapping[str, int]) -> bool:
    """Whether no row has come to be on file, in this round of the operation or in one before."""
    return not any(outcomes.get(name) for name in WRITTEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """The facts of an operation that has ended; `title` names it, such as "Agent import"."""

    title: str
    source_name: str
    organization: str
    starter: str
    link: str
    outcomes: Mapping[str, int]
    rows: int
    blank: int
    all_or_nothing: bool
    canceled: bool
    took: timedelta
    finished_at: datetime

    @property
    def rejected(self) -> int:
        return self.outcomes.get("rejected", 0)

    @property
    def all_left_out(self) -> bool:
        """Whether the good rows were left out because of the bad ones."""
        return self.all_or_nothing and self.rejected > 0 and nothing_written(self.outcomes)

    @property
    def counts(self) -> list[tuple[str, str]]:
        """The outcomes that occurred, as label and number."""
        return [
            (label, f"{self.outcomes[name]:,}") for name, label in OUTCOMES.items() if self.outcomes.get(name)
        ]

    @property
    def subject(self) -> str:
        """Such as "Agent import: 4,812 created, 31 rejected"."""
        title = f"{self.title} canceled" if self.canceled else self.title
        told = [f"{number} {label.lower()}" for label, number in self.counts]
        if self.all_left_out:
            told = ["nothing written", rows_of(self.rejected) + " rejected"]
        return f"{title}: {', '.join(told) or 'no rows'}"

    @property
    def headline(self) -> str:
        """The first sentence."""
        what = f"{self.title} of {self.source_name}" if self.source_name else self.title
        return f"{what} was canceled." if self.canceled else f"{what} is done."

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else one wants to know, as label and value."""
        told = [("File", self.source_name)] if self.source_name else []
        told.append(
            ("Rows", f"{self.rows:,}" + (f", and {self.blank:,} blank skipped" if self.blank else ""))
        )
        return told + self.circumstances

    @property
    def circumstances(self) -> list[tuple[str, str]]:
        """Who started it, where, and how long it took, as label and value."""
        return [
            ("Started by", self.starter),
            ("Organization", self.organization),
            ("Took", duration(self.took)),
        ]

    @property
    def next_step(self) -> str:
        """What to do now; empty where nothing is left to do."""
        if self.canceled:
            return (
                "What was written before stays. Open the results to see which rows are left, "
                "and go on from there."
            )
        if self.all_left_out:
            return (
                f"{rows_of(self.rejected)} {_was(self.rejected)} rejected, and you chose all or nothing: "
                "nothing was written. Open the results to see why, mend the file and upload it again."
            )
        if self.rejected:
            return (
                f"{rows_of(self.rejected)} {_was(self.rejected)} rejected. Open the results to see why, "
                "download the rejected rows alone, mend them and upload that file."
            )
        return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionCompletion(Completion):
    """The facts of an action on a selection that has ended.

    `things` are what it was about, one and many ("batch,batches"); `done` is what has become of them
    ("submitted").
    """

    things: str
    done: str

    @property
    def acted(self) -> int:
        """On how many it acted."""
        return sum(self.outcomes.get(name, 0) for name in WRITTEN)

    @property
    def counts(self) -> list[tuple[str, str]]:
        told = [(self.done.capitalize(), self.acted), ("Left out", self.rejected)]
        return [(label, f"{number:,}") for label, number in told if number]

    @property
    def headline(self) -> str:
        if self.canceled:
            return f"{self.title} was stopped."
        return f"{counted(self.acted, self.things)} {_was(self.acted)} {self.done}."

    @property
    def facts(self) -> list[tuple[str, str]]:
        _, many = self.things.split(",")
        return [(many.capitalize(), f"{self.rows:,}"), *self.circumstances]

    @property
    def next_step(self) -> str:
        if self.canceled:
            return "What was done before stays. Open the results to see what is left, and go on from there."
        if self.rejected:
            left_out = counted(self.rejected, self.things)
            return f"{left_out} {_was(self.rejected)} left out. Open the results to see why."
        return ""


def rows_of(number: int) -> str:
    """Such as "1 row" or "4,812 rows"."""
    return counted(number, "row,rows")


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def duration(took: timedelta) -> str:
    """A time span in its two largest units, such as "1 minute 12 seconds"."""
    return in_words(timedelta(seconds=round(took.total_seconds())))
