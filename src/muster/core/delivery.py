"""What becomes of a mail that was not taken, and what may stand in its header."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from enum import StrEnum

KEEP_TRYING_FOR = timedelta(days=3)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_SUBJECT = 200

# Shutting down; authentication failed for now; authentication needed, too weak, wrong, or not over TLS.
# RFC 5321 section 4.2.3, RFC 4954 section 6.
_NOT_ABOUT_THE_MAIL = frozenset({421, 454, 530, 534, 535, 538})


class Fault(StrEnum):
    """Why a mail was not taken."""

    SERVER = "server"
    """The server does not answer or takes no mail from us: every other mail would fare the same."""
    FOR_NOW = "for-now"
    """The server does not take this mail now, and may later."""
    FOR_GOOD = "for-good"
    """The server will never take this mail."""


def fault_of(code: int | None, *, offered: bool) -> Fault:
    """Say whose fault a refusal is.

    `code` is the server's reply (RFC 5321), None where none came. `offered` is whether the server had let us
    in and heard of the mail; what it says before that is about us. Nothing below 500 is taken for final.
    """
    if not offered or code is None or code in _NOT_ABOUT_THE_MAIL:
        return Fault.SERVER
    return Fault.FOR_GOOD if 500 <= code <= 599 else Fault.FOR_NOW


def wait_before_next(fault: Fault, *, attempts: int, age: timedelta, chance: float) -> timedelta | None:
    """How long to wait before the mail is tried again; None when it is given up.

    The wait doubles from one minute to an hour, and lies between half of that and all of it by `chance`
    (0 to 1), so that mails which failed together do not come back together. `attempts` counts those made,
    `age` is the time since the mail was queued.
    """
    if fault is Fault.FOR_GOOD or age >= KEEP_TRYING_FOR:
        return None
    doublings = min(max(attempts - 1, 0), 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) * (0.5 + chance / 2)


def one_line(text: str, *, limit: int = LONGEST_SUBJECT) -> str:
    """The text as one line of visible characters, cut at `limit` with an ellipsis: safe in a header."""
    visible = "".join(
        " " if category[0] == "Z" or category == "Cc" else character
        for character in text
        if (category := unicodedata.category(character)) not in {"Cf", "Cs"}
    )
    line = " ".join(visible.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


class Pacing:
    """How many mails a worker takes at a time, and when each goes, where only so many a second may.

    It takes about as many as go in a second: enough that taking costs little, and few enough that a mail
    which cannot wait comes soon. `per_second` 0 is no limit.
    """

    FIRST, MOST = 8, 128

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = self.FIRST

    @property
    def most(self) -> int:
        """How many mails to take now."""
        return self._most if not self._per_second else min(self._most, max(1, int(self._per_second)))

    @property
    def together(self) -> int:
        """How many mailings to note as begun at once: few, as all of them are in doubt if the worker dies."""
        return max(1, self.most // 16)

    @property
    def is_at_speed(self) -> bool:
        """Whether what was taken so far has gone, so that it is worth while to have more connections."""
        return self._most > self.FIRST

    def after(self, number: int) -> float:
        """How many seconds after the first of those taken the one of that number (from 0) may go."""
        return number / self._per_second if self._per_second else 0.0

    def took(self, mails: int, seconds: float) -> None:
        """Learn from how long the last ones took."""
        if seconds < 0.5 and mails >= self.most:
            self._most = min(self._most * 2, self.MOST)
        elif seconds > 1.5:
            self._most = max(self._most // 2, 1)
