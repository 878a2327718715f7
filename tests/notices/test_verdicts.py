"""What becomes of a mail that was not taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.delivery import (
    KEEP_TRYING_FOR,
    LONGEST_SUBJECT,
    LONGEST_WAIT,
    Fault,
    fault_of,
    one_line,
    wait_before_next,
)

NEW = timedelta()
SURE_OF_ONE = KEEP_TRYING_FOR - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("code", "offered", "fault"),
    [
        (None, False, Fault.SERVER),  # nobody listens
        (None, True, Fault.SERVER),  # no answer in time
        (421, True, Fault.SERVER),  # shutting down
        (454, False, Fault.SERVER),  # cannot log in for now
        (535, False, Fault.SERVER),  # wrong password: to be mended here, not in the mail
        (530, True, Fault.SERVER),  # wants a log-in first
        (554, False, Fault.SERVER),  # the greeting of a server that serves nobody
        (450, True, Fault.FOR_NOW),
        (451, True, Fault.FOR_NOW),
        (452, True, Fault.FOR_NOW),
        (354, True, Fault.FOR_NOW),  # no sense, so not final
        (550, True, Fault.FOR_GOOD),
        (552, True, Fault.FOR_GOOD),
        (553, True, Fault.FOR_GOOD),
        (554, True, Fault.FOR_GOOD),
    ],
)
def test_a_reply_code_says_whose_fault_it_is(code: int | None, offered: bool, fault: Fault) -> None:
    assert fault_of(code, offered=offered) is fault


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [
        (0, 1.0, 60),
        (1, 1.0, 60),
        (1, 0.0, 30),
        (2, 1.0, 120),
        (3, 0.5, 180),
        (6, 1.0, 1_920),
        (7, 1.0, 3_600),
        (60, 0.0, 1_800),
        (100_000, 1.0, 3_600),
    ],
)
def test_the_wait_doubles_up_to_an_hour(attempts: int, chance: float, seconds: int) -> None:
    wait = wait_before_next(Fault.FOR_NOW, attempts=attempts, age=NEW, chance=chance)
    assert wait == timedelta(seconds=seconds)


@given(
    fault=st.sampled_from([Fault.SERVER, Fault.FOR_NOW]),
    attempts=st.integers(0, 10_000),
    age=st.timedeltas(NEW, SURE_OF_ONE),
    chance=st.floats(0, 1),
)
def test_a_mail_that_may_yet_be_taken_is_tried_again_within_the_hour(
    fault: Fault, attempts: int, age: timedelta, chance: float
) -> None:
    wait = wait_before_next(fault, attempts=attempts, age=age, chance=chance)
    assert wait is not None
    assert timedelta(seconds=30) <= wait <= LONGEST_WAIT


@given(attempts=st.integers(0, 100), age=st.timedeltas(NEW, timedelta(days=30)), chance=st.floats(0, 1))
def test_a_final_refusal_ends_it(attempts: int, age: timedelta, chance: float) -> None:
    assert wait_before_next(Fault.FOR_GOOD, attempts=attempts, age=age, chance=chance) is None


@pytest.mark.parametrize("fault", list(Fault))
def test_three_days_end_it(fault: Fault) -> None:
    assert wait_before_next(fault, attempts=70, age=KEEP_TRYING_FOR, chance=0.5) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Agent import: 4,812 created", "Agent import: 4,812 created"),
        ("two\nlines", "two lines"),
        ("a\r\nBcc: eve@example.com", "a Bcc: eve@example.com"),
        (
            "tab\tand\vvertical\fand\x1cseparators\x85all\u2028of\u2029them",
            "tab and vertical and separators all of them",
        ),
        ("  many   blanks\u00a0", "many blanks"),
        ("NUL\0 and bell\a", "NUL and bell"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("Ägypten, 東京, 🎉", "Ägypten, 東京, 🎉"),
        ("", ""),
    ],
)
def test_a_header_gets_one_line_of_visible_characters(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_long_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("x" * (LONGEST_SUBJECT + 1)) == "x" * (LONGEST_SUBJECT - 1) + "…"
    assert one_line("x" * LONGEST_SUBJECT) == "x" * LONGEST_SUBJECT


@given(st.text())
def test_one_line_is_settled_after_once(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line
    assert len(line) <= LONGEST_SUBJECT
    assert len(line.splitlines()) <= 1
