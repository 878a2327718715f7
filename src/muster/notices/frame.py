"""What stands around the text of a mailing: whose it is, and the link by which its reader opts out."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from muster.core.mailing import as_html

_HTML = (
    '<!doctype html><html lang="en"><body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">'
    '%s<p style="font-size: smaller; color: #667382">%s '
    '<a href="%s">Get no more of these mails</a></p></body></html>'
)
_TEXT = "%s\n\n-- \n%s\nGet no more of these mails: %s\n"


class Framed(NamedTuple):
    """A mailing as it goes out."""

    text: str
    html: str


def why_told(organization: str) -> str:
    """Why somebody gets a mailing, in a sentence."""
    return f"You get this mail as a producer of {organization or 'the sender'}."


def framed(text: str, *, organization: str, url: str) -> Framed:
    """A text with its foot; `url` is where its reader opts out."""
    why = why_told(organization)
    return Framed(_TEXT % (text.rstrip(), why, url), _HTML % (as_html(text), escape(why), escape(url)))
