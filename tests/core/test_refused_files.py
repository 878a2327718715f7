from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from muster.core.sheets import Limits

from .uploads import GOOD, Sheet, agents, archive, csv_bytes, read, repacked, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WORKBOOK = agents(GOOD)


def lied_about(content: bytes, name: str, size: int) -> bytes:
    """An archive whose directory says that a member is smaller than it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        info = packed.getinfo(name)
    spoiled = bytearray(content)
    place = content.rindex(name.encode())  # in the directory, which comes last
    struct.pack_into("<L", spoiled, place - 46 + 24, size)
    struct.pack_into("<L", spoiled, info.header_offset + 22, size)
    return bytes(spoiled)


def encrypted(content: bytes) -> bytes:
    """An archive whose members say that they are encrypted."""
    spoiled = bytearray(content)
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        spoiled[start + 8] |= 1
        start += 4
    return bytes(spoiled)


def with_entities(xml: bytes) -> bytes:
    return xml.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1)


# what it is, its bytes, the code, what its sentence names
REFUSED: list[tuple[str, bytes, str, str]] = [
    ("nothing", b"", "FILE-E001", ""),
    ("a PDF document", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "FILE-E004", "a PDF document"),
    ("a PNG picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "FILE-E004", "a PNG picture"),
    ("a JPEG picture", b"\xff\xd8\xff\xe0\x00\x10JFIF", "FILE-E004", "a JPEG picture"),
    ("a program", b"MZ\x90\x00\x03\x00\x00\x00", "FILE-E004", "a program"),
    (
        "a web page named .xls",
        b"<html><table><tr><td>NPN</td></tr></table></html>",
        "FILE-E004",
        "a web page",
    ),
    ("an XML spreadsheet", b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "FILE-E004", "a web page or XML"),
    ("garbage", random.Random(7).randbytes(9000), "FILE-E004", "binary data"),
    ("nothing but NUL bytes", bytes(1000), "FILE-E004", "binary data"),
    ("UTF-16 without its mark", csv_bytes(GOOD, encoding="utf-16-le"), "FILE-E015", ""),
    ("UTF-32", csv_bytes(GOOD, encoding="utf-32"), "FILE-E011", ""),
    ("no known encoding", csv_bytes(GOOD) + b"1,Fi\x81ld\n", "FILE-E011", ""),
    ("one endless line", b"NPN,Last Name " + b"x" * 3_000_000, "FILE-E019", "1 MiB"),
    ("a workbook of 1997", OLE + "Workbook".encode("utf-16-le"), "FILE-E005", ""),
    ("a workbook of 1995", OLE + "Book".encode("utf-16-le"), "FILE-E005", ""),
    ("an encrypted workbook", OLE + "EncryptedPackage".encode("utf-16-le"), "FILE-E006", ""),
    ("an old Word document", OLE + "WordDocument".encode("utf-16-le"), "FILE-E004", "an old Office document"),
    ("an archive with a password", encrypted(WORKBOOK), "FILE-E006", ""),
    ("a workbook with macros", repacked(WORKBOOK, {"xl/vbaProject.bin": b"x"}), "FILE-E007", ""),
    ("a workbook with old macros", repacked(WORKBOOK, {"xl/macrosheets/sheet1.xml": b"x"}), "FILE-E007", ""),
    ("an archive of photos", archive({"photos/1.jpg": b"x"}), "FILE-E009", ""),
    ("an empty archive", archive({}), "FILE-E009", ""),
    ("a Word document", archive({"word/document.xml": b"<x/>"}), "FILE-E004", "a Word document"),
    ("a presentation", archive({"ppt/presentation.xml": b"<x/>"}), "FILE-E004", "a PowerPoint presentation"),
    ("a Numbers spreadsheet", archive({"Index/Document.iwa": b"x"}), "FILE-E016", "Apple Numbers"),
    ("a binary workbook", archive({"xl/workbook.bin": b"x"}), "FILE-E016", ".xlsb"),
    (
        "an OpenDocument spreadsheet",
        archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "FILE-E016",
        ".ods",
    ),
    ("half a workbook", WORKBOOK[: len(WORKBOOK) // 2], "FILE-E010", ""),
    ("a workbook of nonsense", archive({"xl/workbook.xml": b"<x/>"}), "FILE-E010", ""),
    ("a workbook without its sheet", archive({"xl/workbook.xml": b"<x"}), "FILE-E010", ""),
    ("a size that is a lie", lied_about(WORKBOOK, "xl/worksheets/sheet1.xml", 100), "FILE-E010", ""),
    (
        "a zip bomb by its ratio",
        repacked(WORKBOOK, {"xl/media/x.bin": bytes(60 * 1024 * 1024)}),
        "FILE-E008",
        "300 MiB",
    ),
    (
        "a workbook that defines entities",
        repacked(WORKBOOK, {"xl/workbook.xml": with_entities}),
        "FILE-E010",
        "",
    ),
]


@pytest.mark.parametrize(
    ("content", "code", "names"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_is_no_upload_is_refused_with_its_reason(content: bytes, code: str, names: str) -> None:
    got = read(content)
    assert (got.codes, got.rows, got.table.ok) == ([code], [], False)
    assert names in str(dict(got.table.findings[0].params))


def test_a_zip_bomb_by_its_size_is_refused_before_it_is_unpacked() -> None:
    assert read(WORKBOOK, xlsx_unzipped=1000).codes == ["FILE-E008"]


def test_a_member_given_twice_is_refused() -> None:
    file = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(file, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("xl/workbook.xml", b"<x/>")
    assert read(file.getvalue()).codes == ["FILE-E010"]


@pytest.mark.parametrize(
    ("content", "limits", "words"),
    [
        (csv_bytes(GOOD), {"csv_bytes": 50}, ("50 bytes", "CSV")),
        (WORKBOOK, {"xlsx_bytes": 2048}, ("2 KiB", "XLSX")),
    ],
)
def test_a_file_that_is_too_large_is_refused_with_the_limit(
    content: bytes, limits: dict[str, int], words: tuple[str, str]
) -> None:
    got = read(content, **limits)
    assert got.codes == ["FILE-E002"]
    assert (got.table.findings[0].params["limit"], got.table.findings[0].params["kind"]) == words


def test_text_that_begins_like_a_program_is_text() -> None:
    assert read(b"MZ,NPN,Last Name\n1,2,Field\n").table.ok
    assert read(b"BMW,NPN,Last Name\n1,2,Field\n").table.ok


def test_a_file_is_told_by_its_content_and_not_by_its_name() -> None:
    assert read(workbook(Sheet("a", [["NPN", "Last Name"], ["1", "Field"]]))).table.kind == "xlsx"
    assert read(b"NPN,Last Name\n1,Field\n").table.kind == "csv"


def test_limits_are_told_as_sentences() -> None:
    assert Limits().sentences() == [
        "A CSV file may have up to 256 MiB and 1,000,000 rows.",
        "An XLSX workbook may have up to 32 MiB, 300 MiB unpacked, 250,000 rows and 3,000,000 cells.",
        "Either may have up to 200 columns.",
    ]
