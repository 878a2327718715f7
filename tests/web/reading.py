"""Reading a page as a person does."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse


def text(answer: HttpResponse) -> str:
    """What a person reads on the page, without marks and line breaks."""
    without_scripts = re.sub(r"(?s)<(script|style|head|select).*?</\1>", " ", answer.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_scripts)).split())


def links(answer: HttpResponse) -> list[str]:
    """Where the page leads, in the order of the page."""
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', answer.content.decode())]
