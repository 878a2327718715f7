"""The set-based statements of portals, one a file."""

from __future__ import annotations

from muster.sql_files import statements

statement = statements(__name__)
