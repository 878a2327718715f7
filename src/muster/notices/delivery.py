"""Sending what waits in the outbox. No transaction is open while the mail server is spoken to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.db import connections

from muster.core.delivery import Fault, Pacing, wait_before_next
from muster.notices import moves
from muster.notices.models import Email, EmailState
from muster.notices.smtp import Given, Line, Refusal

LONGEST_NAP = 0.25
"""Seconds after which a line that waits for its turn looks whether it is to stop."""


def deliver(*, many: bool = True, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send the mails that are due until none is left or the server takes none; with or without mails to many.

    Returns how many mails have ended: sent, failed, withheld, in doubt, or kept to be shown. Any number may
    run at once; `stopped` is asked before each mail. Where much waits, several connections carry it.
    """
    if not settings.EMAIL_HOST:
        return moves.keep_all_waiting()
    helpers: list[Future[int]] = []
    with ThreadPoolExecutor(max(1, settings.MUSTER_SMTP_CONNECTIONS - 1)) as pool:

        def call_helpers() -> None:
            if not helpers:
                helpers.extend(
                    pool.submit(_help, many, stopped) for _ in range(settings.MUSTER_SMTP_CONNECTIONS - 1)
                )

        ended = _Delivery(many, stopped, call_helpers).run()
        return ended + sum(helper.result() for helper in helpers)


def _help(many: bool, stopped: Callable[[], bool]) -> int:
    try:
        return _Delivery(many, stopped, lambda: None).run()
    finally:
        connections.close_all()


class _Delivery:
    """The mails that go over one connection, a few at a time."""

    def __init__(self, many: bool, stopped: Callable[[], bool], much_waits: Callable[[], None]) -> None:
        self._many, self._stopped, self._much_waits = many, stopped, much_waits
        self._line = Line()
        self._taken: list[int] = []
        self._begun: set[int] = set()
        self._ended = 0
        self._pacing = Pacing(settings.MUSTER_SMTP_PER_SECOND)

    def run(self) -> int:
        """Send until nothing is due; return how many mails have ended."""
        with self._line:
            try:
                while not self._stopped() and self._carry_some():
                    pass
            finally:
                self._note_taken()
        return self._ended

    def _carry_some(self) -> bool:
        """Claim some mails and send them; False where none was there, or the server takes none."""
        most = self._pacing.most
        claimed = moves.claim(most=most, many=self._many)
        if not claimed:
            return False
        if len(claimed) == most and self._pacing.is_at_speed:
            self._much_waits()
        self._begun.clear()
        waiting = [email for email in claimed if email.state == EmailState.SENDING]
        self._ended += len(claimed) - len(waiting)
        began = time.monotonic()
        if per_second := settings.MUSTER_SMTP_PER_SECOND:
            began += moves.reserve(len(waiting), per_second=per_second)
        for number, email in enumerate(waiting):
            self._wait_until(began + self._pacing.after(number))
            if self._stopped() or not self._carry(email, waiting[number:]):
                moves.give_back(waiting[number:])
                return False
        self._pacing.took(len(waiting), time.monotonic() - began)
        return True

    def _wait_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0 and not self._stopped():
            self._note_taken()
            time.sleep(min(left, LONGEST_NAP))

    def _carry(self, email: Email, left: Sequence[Email]) -> bool:
        """Send one mail, the first of those `left`, and record what became of it.

        False where the server takes none at all.
        """
        carried = self._line.carried
        answer = self._line.send(email, begin=lambda: self._begin(left))
        if answer is None:
            self._taken.append(email.pk)
            self._ended += 1
            # At speed it is noted with the next ones that begin.
            if self._pacing.together == 1:
                self._note_taken()
            return True
        if isinstance(answer, Given):
            return True
        if self._set_aside(email, answer):
            self._ended += 1
        if answer.fault is not Fault.SERVER:
            return True
        self._line.hang_up()
        # A server may close a connection after so many mails; one that takes no first mail is down.
        if not carried:
            moves.pause()
        return bool(carried)

    def _begin(self, left: Sequence[Email]) -> bool:
        first = left[0]
        if first.pk not in self._begun:
            self._begun = moves.begin(left[: self._pacing.together], taken=self._taken)
            self._taken.clear()
        return first.pk in self._begun

    def _note_taken(self) -> None:
        moves.record_sent(self._taken)
        self._taken.clear()

    def _set_aside(self, email: Email, refusal: Refusal) -> bool:
        """Record the refusal; say whether it was the last."""
        if refusal.in_doubt and email.is_mailing:
            moves.record_doubt(email, words=refusal.words)
            return True
        assert email.claimed_at is not None  # noqa: S101  it has just been claimed
        wait = wait_before_next(
            refusal.fault,
            attempts=email.attempts,
            age=email.claimed_at - email.queued_at,
            chance=random.random(),  # noqa: S311  spreads retries, guards nothing
        )
        moves.record_refusal(email, words=refusal.words, wait=wait)
        return wait is None
