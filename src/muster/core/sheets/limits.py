"""How large an upload may be, as numbers and as sentences."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it is read: bytes, unpacked bytes, rows that are not blank, columns, cells.

    `xlsx_cells` bounds what a workbook takes in memory, where blank cells between others count too.
    """

    csv_bytes: int = 256 * MIB
    csv_rows: int = 1_000_000
    xlsx_bytes: int = 32 * MIB
    xlsx_unzipped: int = 300 * MIB
    xlsx_rows: int = 250_000
    xlsx_cells: int = 3_000_000
    columns: int = 200

    def sentences(self) -> list[str]:
        """Tell the limits to a person, a sentence a kind of file."""
        return [
            f"A CSV file may have up to {size(self.csv_bytes)} and {number(self.csv_rows)} rows.",
            f"An XLSX workbook may have up to {size(self.xlsx_bytes)}, {size(self.xlsx_unzipped)} unpacked, "
            f"{number(self.xlsx_rows)} rows and {number(self.xlsx_cells)} cells.",
            f"Either may have up to {number(self.columns)} columns.",
        ]


def size(count: int) -> str:
    """Write a number of bytes: `256 MiB`, `1.5 MiB`, `12 KiB`, `900 bytes`."""
    if count < 1024:
        return f"{count} bytes"
    unit, name = (MIB, "MiB") if count >= MIB else (1024, "KiB")
    return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"


def number(count: int) -> str:
    """Write a number as Americans do: `1,000,000`."""
    return f"{count:,}"
