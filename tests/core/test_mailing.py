"""Texts of mailings: what is read in them, what is filled in, and what is told of a broken one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.core.mailing import FIELDS, as_html, read

ANN = {"first_name": "Ann", "last_name": "O'Hara", "npn": "1001", "agency": ""}


@pytest.mark.parametrize(
    ("text", "filled", "missing"),
    [
        ("Hello", "Hello", []),
        ("Hello {{ first_name }}!", "Hello Ann!", []),
        ("{{first_name}} {{ last_name }}", "Ann O'Hara", []),
        ("At {{ agency }}.", "At .", ["agency"]),
        ("At {{ agency | your agency }}.", "At your agency.", []),
        ("{{ first_name | there }}", "Ann", []),
        ("a { b } c", "a { b } c", []),
        ("", "", []),
    ],
)
def test_fields_are_filled_in(text: str, filled: str, missing: list[str]) -> None:
    letter = read(text)
    assert not letter.problems
    assert letter.filled(ANN) == filled
    assert letter.missing(ANN) == missing


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("Hi {{ frist_name }}", 1, 4, "Do you mean {{ first_name }}?"),
        ("Hi\n\n  {{ First Name }}", 3, 3, "Do you mean {{ first_name }}?"),
        ("{{ ssn_of_everybody_else }}", 1, 1, "There are first_name"),
        ("Hi {{ first_name", 1, 4, "is not closed"),
        ("Hi {{ first_name }", 1, 4, "is not closed"),
        ("Hi first_name }}", 1, 15, "was not opened"),
        ("Hi {{ }}", 1, 4, "has no name"),
        ("{% if agency %}x", 1, 1, "only fields in double braces"),
        ("{{ first_name.__class__ }}", 1, 1, "there is no field"),
        ("{{ {{ first_name }} }}", 1, 1, "is not closed"),
    ],
)
def test_a_broken_field_is_told_with_its_place_and_what_is_meant(
    text: str, line: int, column: int, words: str
) -> None:
    problem = read(text).problems[0]
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.words


PIECES = st.sampled_from(
    [*(f"{{{{ {name} }}}}" for name in FIELDS), "{{", "}}", "{", "}", "|", "{%", " a ", "\n"]
)


@given(
    text=st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join),
    value=st.sampled_from(["{{ npn }}", "{% x %}", "%s", "{0}", "", "Ann"]),
)
def test_merging_leaves_no_braces_of_the_text_and_never_reads_a_value(text: str, value: str) -> None:
    letter = read(text)
    if letter.problems:
        return
    values = dict.fromkeys(FIELDS, value)
    marked = letter.filled(dict.fromkeys(FIELDS, "\x01"))
    assert "{{" not in marked
    assert "}}" not in marked
    # A value stands as it is, however much it looks like a field.
    assert letter.filled(values) == marked.replace("\x01", value) or not value


def test_html_holds_paragraphs_and_links_and_escapes_all_else() -> None:
    html = as_html('Dear <b>Ann</b>\nhi\n\nSee https://harbor.example/a?b=1&c="2". Bye')
    assert html == (
        "<p>Dear &lt;b&gt;Ann&lt;/b&gt;<br>hi</p>\n"
        '<p>See <a href="https://harbor.example/a?b=1&amp;c=">https://harbor.example/a?b=1&amp;c=</a>'
        "&quot;2&quot;. Bye</p>"
    )
