"""Telling a disk that fails from a file that is damaged."""

from __future__ import annotations

import io
from typing import BinaryIO


class Watched(io.RawIOBase):
    """A file that remembers the error which reading it raised, whatever a library makes of that."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
