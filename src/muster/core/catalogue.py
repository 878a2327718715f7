"""Every code that the core can find, with its words: about files, columns, values and rows."""

from __future__ import annotations

from muster.core.catalogue_entry import SEVERITY_OF_LETTER, Entry, Scope, Severity, entry
from muster.core.catalogue_values import VALUE_ENTRIES

__all__ = ["ENTRIES", "SEVERITY_OF_LETTER", "Entry", "Scope", "Severity", "entry"]

_FILE, _COLUMNS, _ROWS = Scope.FILE, Scope.COLUMNS, Scope.ROWS

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
    *VALUE_ENTRIES,
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
