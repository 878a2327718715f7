"""Sending what waits in the outbox. No transaction is open while the mail server is spoken to."""

from __future__ import annotations

import random
from collections.abc import Callable

from django.conf import settings

from muster.core.delivery import Fault, wait_before_next
from muster.notices import operations
from muster.notices.models import Email
from muster.notices.smtp import Line, Refusal


def deliver(*, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send the mails that are due, one after another, until none is left or the server takes none.

    Returns how many mails have ended: sent, failed, or kept to be shown. Any number may run at once;
    `stopped` is asked before each mail.
    """
    if not settings.EMAIL_HOST:
        return operations.keep_all_waiting()
    ended = 0
    with Line() as line:
        while not stopped() and (email := operations.claim_next()):
            carried = line.carried
            refusal = line.send(email)
            if refusal is None:
                operations.record_sent(email)
                ended += 1
            elif _set_aside(email, refusal):
                ended += 1
            if refusal is None or refusal.fault is not Fault.SERVER:
                continue
            line.hang_up()
            # A server may close a connection after so many mails; one that takes no first mail is down.
            if not carried:
                operations.pause_all_due()
                break
    return ended


def _set_aside(email: Email, refusal: Refusal) -> bool:
    """Record the refusal; say whether it was the last."""
    assert email.claimed_at is not None  # noqa: S101  it has just been claimed
    wait = wait_before_next(
        refusal.fault,
        attempts=email.attempts,
        age=email.claimed_at - email.queued_at,
        chance=random.random(),  # noqa: S311  spreads retries, guards nothing
    )
    operations.record_refusal(email, words=refusal.words, wait=wait)
    return wait is None
