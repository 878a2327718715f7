"""The words of every finding that the core can make, one entry a code.

A code is `AREA-Xnnn`: what it is about, E (error), W (warning) or I (information), and a number that is never
used again. `text` says what is wrong and where, `fix` what to do; both may name `{field}`, `{value}` and the
finding's own parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error rejects, a warning is told, information is for those who look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Scope(StrEnum):
    """What a finding is about; findings are told in this order."""

    FILE = "file"
    COLUMNS = "columns"
    VALUES = "values"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue, with the words that a person reads."""

    code: str
    severity: Severity
    scope: Scope
    title: str
    text: str
    fix: str


SEVERITY_OF_LETTER = {"E": Severity.ERROR, "W": Severity.WARNING, "I": Severity.INFO}


def entry(code: str, scope: Scope, title: str, text: str, fix: str) -> Entry:
    """Make an entry whose severity is the letter of its code."""
    return Entry(code, SEVERITY_OF_LETTER[code.rpartition("-")[2][:1]], scope, title, text, fix)


_FILE, _COLUMNS, _VALUES, _ROWS = Scope.FILE, Scope.COLUMNS, Scope.VALUES, Scope.ROWS

ENTRIES: tuple[Entry, ...] = (
    # The file
    entry(
        "FILE-E001",
        _FILE,
        "Empty file",
        "The file is empty.",
        "Fill in the template and upload it again.",
    ),
    entry(
        "FILE-E002",
        _FILE,
        "File too large",
        "The file has {size}; the limit for {kind} files is {limit}.",
        "Split it into several files, or save a workbook as CSV, which may be larger.",
    ),
    entry(
        "FILE-E003",
        _FILE,
        "Too many rows",
        "The file has more than {limit} rows, the limit for {kind} files.",
        "Split it into several files, or save a workbook as CSV, which may have more rows.",
    ),
    entry(
        "FILE-E004",
        _FILE,
        "Not a spreadsheet",
        "The file is {what}, not a CSV file or an XLSX workbook.",
        "Upload the spreadsheet itself, saved as CSV UTF-8 or as Excel Workbook (.xlsx).",
    ),
    entry(
        "FILE-E005",
        _FILE,
        "Excel 97-2003 workbook",
        "The file is a workbook in the format of Excel 97-2003 (.xls), which is not read.",
        "Open it in Excel, choose Save As, Excel Workbook (.xlsx), and upload that file.",
    ),
    entry(
        "FILE-E006",
        _FILE,
        "Password protected",
        "The workbook is encrypted with a password, so nothing in it can be read.",
        "In Excel choose File, Info, Protect Workbook, Encrypt with Password, delete the password, "
        "save, and upload it again.",
    ),
    entry(
        "FILE-E007",
        _FILE,
        "Workbook with macros",
        "The workbook carries macros, which are never accepted.",
        "In Excel choose Save As, Excel Workbook (.xlsx), which leaves the macros out, and upload that file.",
    ),
    entry(
        "FILE-E008",
        _FILE,
        "Unpacks to too much",
        "Unpacked, the workbook would take {size}; the limit is {limit}.",
        "Copy the rows alone into a new workbook or save the sheet as CSV, and upload that file.",
    ),
    entry(
        "FILE-E009",
        _FILE,
        "Archive without a workbook",
        "The file is a ZIP archive, but there is no workbook in it.",
        "Unpack the archive and upload the spreadsheet that is inside.",
    ),
    entry(
        "FILE-E010",
        _FILE,
        "Damaged workbook",
        "The workbook is damaged and cannot be opened.",
        "Open it in Excel, let Excel repair it, save it under a new name, and upload that file.",
    ),
    entry(
        "FILE-E011",
        _FILE,
        "Unknown encoding",
        "The text of the file is neither UTF-8 nor UTF-16 nor Windows-1252.",
        "Save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8) and upload it again.",
    ),
    entry(
        "FILE-E012",
        _FILE,
        "Quotation mark never closed",
        'A quotation mark (") that opens in row {row_no} is never closed, so the rows after it run '
        "into one cell.",
        "Close or remove the quotation mark in row {row_no}, or save the file as XLSX, and upload it again.",
    ),
    entry(
        "FILE-E013",
        _FILE,
        "Cell too long",
        "A cell in row {row_no} has more than {limit} characters. Usually a quotation mark that "
        "opens there is never closed.",
        "Look for a stray quotation mark in row {row_no}, remove it, and upload the file again.",
    ),
    entry(
        "FILE-E014",
        _FILE,
        "No rows",
        "The file has a header and nothing under it.",
        "Fill in at least one row under the header and upload it again.",
    ),
    entry(
        "FILE-E015",
        _FILE,
        "UTF-16 without its mark",
        "The file looks like UTF-16 text without the mark at its start that says so.",
        "Save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8) and upload it again.",
    ),
    entry(
        "FILE-E016",
        _FILE,
        "Other kind of spreadsheet",
        "The file is {what}, which is not read.",
        "Save it as Excel Workbook (.xlsx) or as CSV UTF-8, and upload that file.",
    ),
    entry(
        "FILE-E017",
        _FILE,
        "No sheet with known columns",
        "No visible sheet has a header with columns of this upload. Looked at: {sheets}.",
        "Put the header of the template above the rows; if the sheet is hidden, unhide it.",
    ),
    entry(
        "FILE-E018",
        _FILE,
        "Too many cells",
        "The sheet {sheet} reaches over {rows} rows and {columns} columns, more cells than {limit}.",
        "Delete empty rows and columns around the table or save the sheet as CSV, and upload that file.",
    ),
    entry(
        "FILE-E019",
        _FILE,
        "Line too long",
        "A line of the file has more than {limit}, which no table has.",
        "Save the spreadsheet as CSV UTF-8 or as Excel Workbook (.xlsx), and upload that file.",
    ),
    entry(
        "FILE-E020",
        _FILE,
        "Too many texts",
        "The workbook holds {count} different texts, more than the {limit} that it may have.",
        "Copy the rows alone into a new workbook or save the sheet as CSV, and upload that file.",
    ),
    entry(
        "FILE-W001",
        _FILE,
        "Merged cells",
        "The sheet {sheet} has merged cells, the first at {first} ({count} in all). Only the top "
        "left cell of each has a value.",
        "Unmerge the cells and fill in each one, if the others were meant to have the value too.",
    ),
    entry(
        "FILE-I001",
        _FILE,
        "Encoding",
        "The file was read as {encoding}.",
        "Nothing, if names with accents look right. Otherwise save it as CSV UTF-8.",
    ),
    entry(
        "FILE-I002",
        _FILE,
        "Hidden sheets",
        "Hidden sheets were not read: {sheets}.",
        "Nothing, unless the rows are there: then unhide the sheet.",
    ),
    entry(
        "FILE-I003",
        _FILE,
        "Other sheets",
        "The sheet {sheet} was read; the others were not: {sheets}.",
        "Nothing, unless the rows are in another sheet: then move that one to the front.",
    ),
    entry(
        "FILE-I004",
        _FILE,
        "Hidden rows",
        "The sheet {sheet} has hidden rows ({count}). They were read like the others.",
        "Nothing, if they are meant to be uploaded. Otherwise delete them.",
    ),
    entry(
        "FILE-I005",
        _FILE,
        "Lines above the header",
        "The header is in row {row_no}; the rows above it were not read.",
        "Nothing.",
    ),
    # The columns
    entry(
        "COL-E001",
        _COLUMNS,
        "No header",
        "No row at the start of the file names the columns. The first row is: {found}.",
        "Put the header of the template above the rows: {columns}.",
    ),
    entry(
        "COL-E002",
        _COLUMNS,
        "Column given twice",
        "The column {field} is there {count} times: {headers}.",
        "Keep one of them and delete or rename the others.",
    ),
    entry(
        "COL-E003",
        _COLUMNS,
        "Column missing",
        "The column {field} is missing.",
        "Add the column {field} and fill it in each row.",
    ),
    entry(
        "COL-E004",
        _COLUMNS,
        "Too many columns",
        "The file has {count} columns; the limit is {limit}.",
        "Delete the columns that are not in the template.",
    ),
    entry(
        "COL-I001",
        _COLUMNS,
        "Column not known",
        "The column {field} was ignored: no column has this name.",
        "Nothing, unless its name is misspelled: then give it the name in the template.",
    ),
    # Any value
    entry(
        "VAL-E001",
        _VALUES,
        "Not an accepted value",
        "“{value}” is not an accepted value of {field}.",
        "Use one of the accepted values: {accepted}.",
    ),
    entry(
        "VAL-E002",
        _VALUES,
        "Not an accepted value",
        "“{value}” is not an accepted value of {field}. Did you mean {suggestion}?",
        "Use {suggestion}, or another one of the accepted values.",
    ),
    entry(
        "VAL-E003",
        _VALUES,
        "Commas in a list",
        "“{value}” in {field} is separated by commas.",
        "Separate the values by semicolons: {semicolons}.",
    ),
    entry(
        "VAL-E004",
        _VALUES,
        "Formula",
        "“{value}” in {field} is a formula, not a value.",
        "Put the value itself into the cell (in Excel: copy, then Paste Special, Values).",
    ),
    entry(
        "VAL-E005",
        _VALUES,
        "Formula that failed",
        "{field} holds {value}, the error of a formula, not a value.",
        "Put the value itself into the cell.",
    ),
    entry(
        "VAL-E006",
        _VALUES,
        "List where one value is meant",
        "“{value}” in {field} is a list, but only one value can be given.",
        "Keep one of the values, or make a row of each.",
    ),
    entry(
        "VAL-W001",
        _VALUES,
        "Invisible characters",
        "“{value}” in {field} held characters that cannot be seen ({count}), such as right-to-left "
        "marks. They were removed.",
        "Nothing. To be rid of the warning, type the value anew instead of pasting it.",
    ),
    entry(
        "TEXT-E001",
        _VALUES,
        "Control characters",
        "“{value}” in {field} has characters that no text can have.",
        "Type the value anew instead of pasting it.",
    ),
    entry(
        "TEXT-E002",
        _VALUES,
        "Text too long",
        "{field} has {count} characters; the limit is {limit}.",
        "Shorten it.",
    ),
    # Identifiers
    entry(
        "NPN-E001",
        _VALUES,
        "NPN with other characters",
        "“{value}” is not an NPN: it has characters other than digits.",
        "Give the National Producer Number, 1 to 10 digits.",
    ),
    entry(
        "NPN-E002",
        _VALUES,
        "NPN of zeros",
        "“{value}” is not an NPN: all its digits are zeros.",
        "Give the National Producer Number, 1 to 10 digits.",
    ),
    entry(
        "NPN-E003",
        _VALUES,
        "NPN too long",
        "“{value}” is not an NPN: it has {digits} digits, and an NPN has at most 10.",
        "Give the National Producer Number, 1 to 10 digits.",
    ),
    entry(
        "NPN-E004",
        _VALUES,
        "NPN whose digits were lost",
        "“{value}” is an NPN that a spreadsheet rounded: its last digits were lost.",
        "Format the column as Text in the spreadsheet and type the NPN anew.",
    ),
    entry(
        "SSN-E001",
        _VALUES,
        "Not an SSN",
        "“{value}” is not a Social Security number.",
        "Give nine digits, or 3-2-4 digits with hyphens: 123-45-6789.",
    ),
    entry(
        "SSN-E002",
        _VALUES,
        "SSN with mixed separators",
        "“{value}” is not a Social Security number: its separators differ or stand in the wrong places.",
        "Give nine digits, or 3-2-4 digits with hyphens: 123-45-6789.",
    ),
    entry(
        "SSN-E003",
        _VALUES,
        "SSN with a lost zero",
        "“{value}” has {digits} digits, and a Social Security number has nine. A spreadsheet may "
        "have dropped a leading zero.",
        "Format the column as Text in the spreadsheet and type the whole number, zeros too. It is "
        "never filled up for you.",
    ),
    entry(
        "SSN-E004",
        _VALUES,
        "SSN area never issued",
        "“{value}” is not a Social Security number: none begins with {area}.",
        "Check the number with the producer.",
    ),
    entry(
        "SSN-E005",
        _VALUES,
        "SSN group never issued",
        "“{value}” is not a Social Security number: the two digits in its middle are never 00.",
        "Check the number with the producer.",
    ),
    entry(
        "SSN-E006",
        _VALUES,
        "SSN serial never issued",
        "“{value}” is not a Social Security number: its last four digits are never 0000.",
        "Check the number with the producer.",
    ),
    entry(
        "SSN-E007",
        _VALUES,
        "SSN whose digits were lost",
        "“{value}” is a Social Security number that a spreadsheet rounded: its last digits were lost.",
        "Format the column as Text in the spreadsheet and type the number anew.",
    ),
    entry(
        "SSN-W001",
        _VALUES,
        "SSN masked",
        "{value} is a masked Social Security number. The number on record is kept as it is.",
        "Nothing. To change the number, give all nine digits.",
    ),
    entry(
        "COCODE-E001",
        _VALUES,
        "Not a CoCode",
        "“{value}” is not a CoCode.",
        "Give the five digits of the NAIC company code.",
    ),
    entry(
        "COCODE-W001",
        _VALUES,
        "CoCode filled up with zeros",
        "“{value}” has fewer than five digits and was read as {cocode}.",
        "Nothing, if {cocode} is the company. To keep zeros, format the column as Text in the spreadsheet.",
    ),
    entry(
        "FEIN-E001",
        _VALUES,
        "Not an FEIN",
        "“{value}” is not a Federal Employer Identification Number.",
        "Give nine digits, or NN-NNNNNNN.",
    ),
    entry(
        "STATE-E001",
        _VALUES,
        "Not a state",
        "“{value}” in {field} is not a state or territory.",
        "Use the two-letter code (TX) or the full name (Texas).",
    ),
    entry(
        "STATE-E002",
        _VALUES,
        "Not a state",
        "“{value}” in {field} is not a state or territory. Did you mean {suggestion}?",
        "Use {suggestion}, or the two-letter code of another state.",
    ),
    entry(
        "EMAIL-E001",
        _VALUES,
        "Not an email address",
        "“{value}” is not an email address.",
        "Give one address, such as ann@example.com.",
    ),
    entry(
        "EMAIL-E002",
        _VALUES,
        "Email address without a domain",
        "“{value}” is not an email address: what follows the @ is not a domain.",
        "Give the whole address, such as ann@example.com.",
    ),
    entry(
        "EMAIL-E003",
        _VALUES,
        "Email address with a name",
        "“{value}” holds more than the address.",
        "Give the address alone, such as ann@example.com.",
    ),
    entry(
        "EMAIL-E004",
        _VALUES,
        "Several email addresses",
        "“{value}” holds several email addresses.",
        "Give one address.",
    ),
    entry(
        "EMAIL-E005",
        _VALUES,
        "Email address too long",
        "{field} has an email address of {count} characters; the limit is {limit}.",
        "Give one address, such as ann@example.com.",
    ),
    entry(
        "DATE-E001",
        _VALUES,
        "Not a date",
        "“{value}” in {field} is not a date.",
        "Write the date as YYYY-MM-DD or MM/DD/YYYY.",
    ),
    entry(
        "DATE-E002",
        _VALUES,
        "Year of two digits",
        "“{value}” in {field} has a year of two digits, which can mean more than one year.",
        "Write the year with four digits: YYYY-MM-DD or MM/DD/YYYY.",
    ),
    entry(
        "DATE-E003",
        _VALUES,
        "Impossible date",
        "“{value}” in {field} is a day that no calendar has.",
        "Check the day and the month: YYYY-MM-DD, or MM/DD/YYYY with the month first.",
    ),
    entry(
        "DATE-E004",
        _VALUES,
        "Date as a number",
        "“{value}” in {field} is a number. A spreadsheet shows dates so when their cells are not "
        "formatted as dates.",
        "Format the column as Date in the spreadsheet, or write YYYY-MM-DD.",
    ),
    entry(
        "MONEY-E001",
        _VALUES,
        "Not an amount",
        "“{value}” in {field} is not an amount of dollars.",
        "Write dollars and cents, such as 5.60 or 1,000; leave it empty where it is unknown.",
    ),
    entry(
        "MONEY-E002",
        _VALUES,
        "Amount too large",
        "“{value}” in {field} is more than {most}.",
        "Check the amount; leave it empty where there is none.",
    ),
    entry(
        "COUNT-E001",
        _VALUES,
        "Not a count",
        "“{value}” in {field} is not a whole number from 1 to {most}.",
        "Write a whole number, such as 500; leave it empty where there is none.",
    ),
    # The rows
    entry(
        "ROW-E001",
        _ROWS,
        "Required value missing",
        "{field} is empty.",
        "Fill in {field}.",
    ),
    entry(
        "ROW-E002",
        _ROWS,
        "More cells than columns",
        "The row has {count} cells, but the header has {columns} columns.",
        'Look for a separator inside of a value, and put that value into quotation marks (").',
    ),
    entry(
        "ROW-E003",
        _ROWS,
        "Characters that cannot be kept",
        "The row has NUL characters, which no text can have.",
        "Type the row anew, or save the file again as CSV UTF-8.",
    ),
    entry(
        "ROW-E004",
        _ROWS,
        "Quotation mark took in other rows",
        'A quotation mark (") opens in this row and takes in lines after it ({count}).',
        "Close or remove the quotation mark, then upload this row and the lines after it again.",
    ),
    entry(
        "ROW-E005",
        _ROWS,
        "Characters that cannot be read",
        "The row has bytes that are no text in the encoding of the file ({encoding}).",
        "Type the row anew, or save the file again as CSV UTF-8.",
    ),
    entry(
        "ROW-E006",
        _ROWS,
        "Formula without a value",
        "The row has a formula that was never computed.",
        "Open the workbook in Excel, save it, and upload it again; or put the value itself into the cell.",
    ),
    entry(
        "ROW-E007",
        _ROWS,
        "Header again",
        "The row is the header again, not a row of values.",
        "Delete the row. It often comes in when files are put together.",
    ),
    entry(
        "ROW-W001",
        _ROWS,
        "Other encoding than the file",
        "The row is written in Windows-1252, but the file is in UTF-8. It was read as Windows-1252.",
        "Check names with accents in this row. Saving the file as CSV UTF-8 mends it for good.",
    ),
)
