"""The statements that turn what was written into events, one a file."""

from __future__ import annotations

from muster.sql_files import statements

statement = statements(__name__)
