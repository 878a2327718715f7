"""Taking an answer of several parts (multipart/related, as MTOM sends it) apart.

The usual readers take a body that breaks off for a whole one; here, the last boundary must stand.
"""

from __future__ import annotations

import base64
import binascii
import quopri
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple
from urllib.parse import unquote

from muster.registry.port import BrokenAnswer
from muster.registry.transport import Answer

MOST_PARTS = 100


class Part(NamedTuple):
    """One part: what its head says, and its content as sent."""

    head: Message
    content: bytes

    def decoded(self) -> bytes:
        """The content without its transfer encoding. Raises BrokenAnswer."""
        encoding = str(self.head.get("Content-Transfer-Encoding", "binary")).strip().lower()
        if encoding == "base64":
            try:
                return base64.b64decode(b"".join(self.content.split()), validate=True)
            except binascii.Error:
                raise BrokenAnswer("it is no base64") from None
        return quopri.decodestring(self.content) if encoding == "quoted-printable" else self.content


class Attachments(dict[str, Part]):
    """The parts beside the first, by content id; `truncated` where the answer broke off."""

    truncated = False

    def named(self, content_id: str) -> bytes:
        """The content of a part. Raises BrokenAnswer where there is none, or it broke off."""
        part = self.get(content_id)
        if part is None:
            raise BrokenAnswer("its attachment did not come" + (": it breaks off" if self.truncated else ""))
        if self.truncated and part is list(self.values())[-1]:
            raise BrokenAnswer("its attachment breaks off")
        return part.decoded()


def read_parts(answer: Answer) -> tuple[bytes, Attachments]:
    """The first document of an answer and what is attached to it. Raises BrokenAnswer."""
    said = Message()
    said["Content-Type"] = answer.content_type
    attachments = Attachments()
    if said.get_content_type() != "multipart/related":
        return answer.body, attachments
    boundary = said.get_boundary()
    if not boundary:
        raise BrokenAnswer("it has parts, and does not say what stands between them")
    sections = (b"\r\n" + answer.body).split(b"\r\n--" + boundary.encode(errors="replace"))[1:]
    if not sections or len(sections) > MOST_PARTS:
        raise BrokenAnswer("its parts cannot be told apart")
    attachments.truncated = not sections[-1].startswith(b"--")
    if not attachments.truncated:
        sections.pop()
    parts: dict[str, Part] = {}
    for number, part in enumerate(map(_part, sections)):
        name = _content_id(part.head) or f"part {number}"
        if name in parts:
            raise BrokenAnswer("two of its parts bear the same name")
        parts[name] = part
    if not parts:
        raise BrokenAnswer("it has no parts")
    root = _bare(str(said.get_param("start", "") or ""))
    first = parts.pop(root if root in parts else next(iter(parts)))
    attachments.update(parts)
    return first.decoded(), attachments


def _part(section: bytes) -> Part:
    head, _, content = section.partition(b"\r\n\r\n")
    return Part(BytesHeaderParser().parsebytes(head.lstrip() + b"\r\n\r\n"), content)


def _content_id(head: Message) -> str:
    return _bare(str(head.get("Content-ID", "")))


def _bare(content_id: str) -> str:
    """A content id without its brackets, and as it reads where an address quotes it."""
    return unquote(content_id.strip().removeprefix("<").removesuffix(">"))
