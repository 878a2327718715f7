"""What was written before there were webhooks is no news: the pump begins behind it."""

from django.db import migrations

BEGIN = """
INSERT INTO webhooks_cursor ("table", done, awaited)
SELECT "table", done, '{}' FROM (
    SELECT 'audit_event' AS "table", coalesce(max(id), 0) AS done FROM audit_event
    UNION ALL SELECT 'history_change', coalesce(max(id), 0) FROM history_change
    UNION ALL SELECT 'transactions_statuschange', coalesce(max(id), 0) FROM transactions_statuschange
) AS now
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("audit", "0001_initial"),
        ("history", "0001_initial"),
        ("transactions", "0002_status_changes"),
    ]
    operations = [migrations.RunSQL(BEGIN, "DELETE FROM webhooks_cursor")]
