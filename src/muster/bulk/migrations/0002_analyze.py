from __future__ import annotations

from django.db import migrations

# Only a table's owner may ask for fresh statistics, and Muster runs as another role.
MAKE = """
DO $$ BEGIN EXECUTE format($make$
    CREATE FUNCTION bulk_item_analyze() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS
    'BEGIN ANALYZE bulk_item (operation_id, row_no, key, state); END'
$make$, current_schema()); END $$;
"""
DROP = "DROP FUNCTION bulk_item_analyze()"


class Migration(migrations.Migration):
    dependencies = [("bulk", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, DROP)]
