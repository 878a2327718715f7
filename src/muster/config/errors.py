"""The one exception that carries a sentence for the person at the terminal."""

from __future__ import annotations


class CannotDoIt(Exception):
    """Something the person can mend: the message is one sentence that says what is wrong and what to do."""
