"""Who of several producers is invited to a portal: facts and seats in, what becomes of each out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Result(StrEnum):
    """What becomes of one producer, in the words that people read."""

    INVITED = "invited"
    AGAIN = "already invited"
    REGISTERED = "already registered"
    NO_AGENCY = "has no agency"
    NO_EMAIL = "has no email"
    SHARED_EMAIL = "shares an email"
    NO_SEATS = "no seats left"
    GONE = "is not here"


DONE = frozenset({Result.INVITED, Result.AGAIN, Result.REGISTERED})
"""With these something is written; all others are refused."""


class Facts(NamedTuple):
    """What of a producer an invitation turns on.

    `email` is blank where none is on file to which mail can go; `has_seat` and `is_registered` tell of the
    portal in question; `is_taken`: somebody else was invited there at this address.
    """

    producer_id: int
    email: str = ""
    is_here: bool = True
    has_agency: bool = True
    has_seat: bool = False
    is_registered: bool = False
    is_taken: bool = False


class Seating:
    """Gives the seats of one portal to producers, one after another, as long as there are any."""

    def __init__(self, seats_left: int) -> None:
        self.left = seats_left
        self._invited: dict[str, int] = {}

    def decide(self, some: Iterable[Facts]) -> dict[int, Result]:
        """What becomes of each, by producer, in their order; who is invited takes a seat."""
        return {one.producer_id: self._decide(one) for one in some}

    def _decide(self, one: Facts) -> Result:
        address = one.email.casefold()
        if not one.is_here:
            return Result.GONE
        if not one.has_agency:
            return Result.NO_AGENCY
        if not address:
            return Result.NO_EMAIL
        if one.is_taken or self._invited.setdefault(address, one.producer_id) != one.producer_id:
            return Result.SHARED_EMAIL
        if one.is_registered:
            return Result.REGISTERED
        if one.has_seat:
            return Result.AGAIN
        if self.left <= 0:
            return Result.NO_SEATS
        self.left -= 1
        return Result.INVITED
