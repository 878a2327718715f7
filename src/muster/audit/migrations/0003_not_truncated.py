from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE TRIGGER audit_event_not_truncated BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
"""
ALLOW = "DROP TRIGGER audit_event_not_truncated ON audit_event;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
