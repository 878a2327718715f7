from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# As `Producer.__str__` has it.
CREATE = """
CREATE FUNCTION muster_producer_name(last text, first text, npn text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(nullif(btrim(last || ', ' || first, ', '), ''), npn);
"""
DROP = "DROP FUNCTION muster_producer_name(text, text, text)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("producers", "0003_sync_again")]

    operations: ClassVar = [migrations.RunSQL(CREATE, DROP)]
