"""Cleaners: one pure function a value, used by files, forms and the API alike.

A cleaner takes text and gives `(value, problems)`. Blank text is `(None, ())`: whether a value is required is
the column's business. A problem of severity error comes with None, a warning with the value. Nothing is
guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from muster.core import words
from muster.core.findings import CATALOGUE, Param, Severity

T = TypeVar("T")


class Problem(NamedTuple):
    """What a cleaner has to say about a text. A param `item` names the one item of a list that is meant."""

    code: str
    params: Mapping[str, Param] = {}


Cleaned: TypeAlias = tuple[T | None, tuple[Problem, ...]]
Cleaner: TypeAlias = Callable[[str], Cleaned[Any]]

BLANK: Cleaned[Any] = (None, ())
_NEUTRALIZED = ("'=", "'+", "'-", "'@", "'\t", "'\r", "'\n")

# Marks that steer text or take no room: soft hyphen, right-to-left marks, zero-width signs, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def bare(text: str) -> str:
    """Take off the blanks around a text, and the apostrophe that `writing.neutral` put before it."""
    before = None
    while text != before:
        before = text
        text = text[1:] if text.startswith(_NEUTRALIZED) else text.strip()
    return text


def plain(text: str) -> tuple[str, tuple[Problem, ...]]:
    """Take off what is no part of the value: blanks around it, our own apostrophe, invisible marks."""
    text = bare(text)
    if text.isascii():
        return text, ()
    seen, count = _INVISIBLE.subn("", text)
    return (bare(seen), (Problem("VAL-W001", {"count": count}),)) if count else (text, ())


_SEPARATORS = re.compile(r"[\s_\-]+")


def fold(text: str) -> str:
    """Reduce a text so that case, blanks, `_` and `-` make no difference."""
    return _SEPARATORS.sub("", text).casefold()


def refused(problems: Iterable[Problem]) -> bool:
    """Say whether one of the problems is an error."""
    return any(CATALOGUE[problem.code].severity is Severity.ERROR for problem in problems)


# Identifiers ------------------------------------------------------------------------------------------

_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")


def _identifier(text: str) -> tuple[str, tuple[Problem, ...]]:
    """Like `plain`; also takes off the apostrophe by which a spreadsheet marks a number as text."""
    text, problems = plain(text)
    return text.removeprefix("'").strip(), problems


def clean_npn(text: str) -> Cleaned[str]:
    """Clean a National Producer Number: 1 to 10 digits, kept without leading zeros; `1234567.0` will do."""
    if text.isdigit() and text.isascii() and len(text) <= 10 and text[0] != "0":
        return text, ()
    text, problems = _identifier(text)
    if not text:
        return BLANK
    if _ROUNDED.fullmatch(text):
        return None, (Problem("NPN-E004"),)
    digits = re.sub(r"\.0*\Z", "", text)
    if not (digits.isdigit() and digits.isascii()):
        return None, (Problem("NPN-E001"),)
    if not digits.strip("0"):
        return None, (Problem("NPN-E002"),)
    if len(digits) > 10:
        return None, (Problem("NPN-E003", {"digits": len(digits)}),)
    return digits.lstrip("0"), problems


_SSN = re.compile(r"(\d{3})([- \u00a0]?)(\d{2})\2(\d{4})", re.ASCII)
_SSN_MASKED = re.compile(r"[*xX•#]{3}[- ]?[*xX•#]{2}[- ]?\d{4}", re.ASCII)


def clean_ssn(text: str) -> Cleaned[str]:
    """Clean a Social Security number into its nine digits: nine digits, or 3-2-4 with one kind of separator.

    A masked one, as our own exports write it, is no value: a warning says that the number on record is kept.
    """
    problems: tuple[Problem, ...] = ()
    match = _SSN.fullmatch(text)
    if match is None:
        text, problems = _identifier(text)
        if not text:
            return BLANK
        match = _SSN.fullmatch(text)
        if match is None:
            return None, (_why_no_ssn(text),)
    area, _, group, serial = match.groups()
    if area in ("000", "666") or area[0] == "9":
        return None, (Problem("SSN-E004", {"area": area}),)
    if group == "00":
        return None, (Problem("SSN-E005"),)
    if serial == "0000":
        return None, (Problem("SSN-E006"),)
    return area + group + serial, problems


def _why_no_ssn(text: str) -> Problem:
    if _SSN_MASKED.fullmatch(text):
        return Problem("SSN-W001")
    if _ROUNDED.fullmatch(text):
        return Problem("SSN-E007")
    digits = re.sub(r"[-\s]", "", text)
    if not (digits.isdigit() and digits.isascii()):
        return Problem("SSN-E001")
    if len(digits) in (7, 8):
        return Problem("SSN-E003", {"digits": len(digits)})
    return Problem("SSN-E002" if len(digits) == 9 else "SSN-E001")


def masked_ssn(last_four: str) -> str:
    """Write an SSN for those who may not see it, so that it can be uploaded again without a change."""
    return f"***-**-{last_four}"


def clean_cocode(text: str) -> Cleaned[str]:
    """Clean a NAIC company code: five digits; fewer are filled up with zeros, with a warning."""
    if len(text) == 5 and text.isdigit() and text.isascii():
        return text, ()
    text, problems = _identifier(text)
    if not text:
        return BLANK
    if not (text.isdigit() and text.isascii() and len(text) <= 5):
        return None, (Problem("COCODE-E001"),)
    cocode = text.zfill(5)
    return cocode, problems if text == cocode else (*problems, Problem("COCODE-W001", {"cocode": cocode}))


_FEIN = re.compile(r"(\d{2})-?(\d{7})", re.ASCII)


def clean_fein(text: str) -> Cleaned[str]:
    """Clean a Federal Employer Identification Number into its nine digits: NNNNNNNNN or NN-NNNNNNN."""
    text, problems = _identifier(text)
    if not text:
        return BLANK
    match = _FEIN.fullmatch(text)
    return (match[1] + match[2], problems) if match else (None, (Problem("FEIN-E001"),))


# Words ------------------------------------------------------------------------------------------------


def _fold_state(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


@cache
def _state_codes() -> dict[str, str]:
    names = words.states()
    return {_fold_state(name): code for code, name in names.items()} | {
        code.casefold(): code for code in names
    }


def clean_state(text: str) -> Cleaned[str]:
    """Clean a state or territory, given as a two-letter code or full name in any case, into its code."""
    text, problems = plain(text)
    if not text:
        return BLANK
    codes = _state_codes()
    folded = _fold_state(text)
    code = codes.get(folded)
    if code:
        return code, problems
    near = _nearest(folded, codes) if len(folded) > 2 else None
    return None, (Problem("STATE-E002", {"suggestion": codes[near]}) if near else Problem("STATE-E001"),)


def one_of(choices: Mapping[str, str] | Iterable[str]) -> Callable[[str], Cleaned[str]]:
    """Make a cleaner for accepted values: codes, or labels by code, where either is accepted."""
    labels = choices if isinstance(choices, Mapping) else {code: code for code in choices}
    codes = {fold(label): code for code, label in labels.items()} | {fold(code): code for code in labels}
    accepted = ", ".join(labels) if len(labels) <= 6 else ", ".join([*list(labels)[:5], "…"])

    def clean_choice(text: str) -> Cleaned[str]:
        text, problems = plain(text)
        if not text:
            return BLANK
        folded = fold(text)
        code = codes.get(folded)
        if code is not None:
            return code, problems
        if ";" in text and all(fold(item) in codes for item in text.split(";") if item.strip()):
            return None, (Problem("VAL-E006"),)
        near = _nearest(folded, codes)
        if near:
            return None, (Problem("VAL-E002", {"suggestion": codes[near]}),)
        return None, (Problem("VAL-E001", {"accepted": accepted}),)

    return clean_choice


_YES_OR_NO = dict.fromkeys(("yes", "y", "true", "1"), True) | dict.fromkeys(("no", "n", "false", "0"), False)


def clean_yes_no(text: str) -> Cleaned[bool]:
    """Clean yes or no, in any case; `y` and `n`, `true` and `false`, `1` and `0` will do."""
    text, problems = plain(text)
    if not text:
        return BLANK
    answer = _YES_OR_NO.get(text.casefold())
    return (None, (Problem("VAL-E001", {"accepted": "yes, no"}),)) if answer is None else (answer, problems)


def _nearest(folded: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelled one is likely to mean; none for what is far too long to be one."""
    if len(folded) > 40:
        return None
    near = get_close_matches(folded, known, n=1, cutoff=0.6)
    return near[0] if near else None


class ListCleaner(Protocol):
    """A cleaner of lists; `is_list` tells a column that the items need no further wrapping."""

    is_list: bool

    def __call__(self, text: str, /) -> Cleaned[list[str]]: ...


def list_of(clean: Cleaner, *, commas: bool = False) -> ListCleaner:
    """Make a cleaner for values separated by `;`: blanks, empty items and repeats are dropped, order is kept.

    `commas` says that an accepted value may have a comma in it; otherwise a comma in a refused item is named
    as the cause. One refused item refuses the list; each refused item is a problem of its own.
    """

    def clean_list(text: str, /) -> Cleaned[list[str]]:
        values: dict[str, None] = {}
        problems: list[Problem] = []
        for item in bare(text).split(";"):
            value, item_problems = clean(item)
            if value is not None:
                values[value] = None
            if not commas and "," in item and refused(item_problems):
                parts = (part.strip() for part in item.split(","))
                item_problems = (Problem("VAL-E003", {"semicolons": ";".join(filter(None, parts))}),)
            shown = item.strip()
            problems.extend(Problem(code, {**params, "item": shown}) for code, params in item_problems)
        if not values and not problems:
            return BLANK
        unique = tuple({(problem.code, problem.params["item"]): problem for problem in problems}.values())
        return (None if refused(unique) or not values else list(values)), unique

    clean_list.is_list = True  # type: ignore[attr-defined]
    return clean_list  # type: ignore[return-value]


# Texts ------------------------------------------------------------------------------------------------

# What parts words: blanks of every width, and the tab or line break that a cell may have between words.
_BLANKS = re.compile("[ \t\r\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def text_of(*, limit: int) -> Callable[[str], Cleaned[str]]:
    """Make a cleaner for text of at most `limit` characters: inner blanks become one, no controls."""

    def clean_text(text: str) -> Cleaned[str]:
        if (
            text.isascii()
            and text.isprintable()
            and "  " not in text
            and len(text) <= limit
            and text[:1] != "'"
        ):
            text = text.strip()
            return (text, ()) if text else BLANK
        text, problems = plain(text)
        text = unicodedata.normalize("NFC", _BLANKS.sub(" ", text))
        if not text:
            return BLANK
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
            return None, (Problem("TEXT-E001"),)
        if len(text) > limit:
            return None, (Problem("TEXT-E002", {"count": len(text), "limit": limit}),)
        return text, problems

    return clean_text


NAME_LIMIT = 100
clean_name = text_of(limit=NAME_LIMIT)
"""Clean the name of a person or firm: at most 100 characters."""

clean_text = text_of(limit=500)
"""Clean a line of text: at most 500 characters."""

clean_reason = text_of(limit=2_000)
"""Clean what somebody has said of what they do: at most 2,000 characters."""


EMAIL_LIMIT = 254  # RFC 5321, 4.5.3.1.3: a path has 256 characters, two of which are its brackets
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^@\s]+", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)


def clean_email(text: str) -> Cleaned[str]:
    """Clean one email address: as given, with its domain in lower case."""
    problems: tuple[Problem, ...] = ()
    if text[:1] == "'" or not text.isascii() or not _EMAIL.fullmatch(text):
        text, problems = plain(text)
        if not text:
            return BLANK
        if not _EMAIL.fullmatch(text):
            return None, (Problem(_why_no_email(text)),)
    if len(text) > EMAIL_LIMIT:
        return None, (Problem("EMAIL-E005", {"count": len(text), "limit": EMAIL_LIMIT}),)
    local, _, domain = text.rpartition("@")
    domain = domain.lower()
    if local[0] == "." or local[-1] == "." or ".." in local:
        return None, (Problem("EMAIL-E001"),)
    if not _DOMAIN.fullmatch(domain):
        return None, (Problem("EMAIL-E002"),)
    return f"{local}@{domain}", problems


def _why_no_email(text: str) -> str:
    if text.count("@") > 1:
        return "EMAIL-E004"
    if "@" not in text:
        return "EMAIL-E001"
    if text.endswith("@"):
        return "EMAIL-E002"
    return "EMAIL-E003" if re.search(r"[<>\"()\s]", text) else "EMAIL-E001"


# Dates ------------------------------------------------------------------------------------------------

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2}|\d{2}-\d{2}-\d{2}", re.ASCII)
_SERIAL = re.compile(r"\d{1,6}(?:\.\d+)?", re.ASCII)


def clean_date(text: str) -> Cleaned[date]:
    """Clean a date: YYYY-MM-DD or MM/DD/YYYY; as Excel writes it, month and day may have one digit."""
    text, problems = _identifier(text)
    if not text:
        return BLANK
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _US_DATE.fullmatch(text):
        month, day, year = match.groups()
    elif _SHORT_YEAR.fullmatch(text):
        return None, (Problem("DATE-E002"),)
    else:
        return None, (Problem("DATE-E004" if _SERIAL.fullmatch(text) else "DATE-E001"),)
    try:
        return date(int(year), int(month), int(day)), problems
    except ValueError:
        return None, (Problem("DATE-E003"),)
