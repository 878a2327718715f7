"""The triggers that write the history, and those that keep it, as `muster.history.triggers` made them.

The statements stand in a file beside this one, as they were then: what is tracked later has a migration of its own.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

INSTALL = Path(__file__).with_name("0002_triggers.sql").read_text("utf-8")
TABLES = (
    "producers_producer",
    "producers_registryaddress",
    "producers_registrycontact",
    "producers_regulatoryaction",
    "licenses_license",
    "licenses_lineofauthority",
    "appointments_appointment",
    "assignments_assignment",
)
UNINSTALL = "\n".join(f"DROP FUNCTION history_of_{table} CASCADE;" for table in TABLES)

FORBID = """
CREATE FUNCTION history_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only';
END $$;
CREATE TRIGGER history_change_append_only BEFORE UPDATE OR DELETE ON history_change
    FOR EACH ROW EXECUTE FUNCTION history_change_is_append_only();
CREATE TRIGGER history_change_not_truncated BEFORE TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION history_change_is_append_only();
"""
ALLOW = "DROP FUNCTION history_change_is_append_only CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0001_initial"),
        ("producers", "0002_search"),
        ("licenses", "0002_expiry"),
        ("appointments", "0002_health_and_order"),
        ("assignments", "0001_initial"),
    ]
    operations = [
        migrations.AlterField(
            model_name="change",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to="access.organization",
            ),
        ),
        migrations.RunSQL(INSTALL, UNINSTALL),
        migrations.RunSQL(FORBID, ALLOW),
    ]
