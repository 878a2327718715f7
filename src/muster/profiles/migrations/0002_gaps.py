"""A function that says whether an employment history has a gap, for queries of many."""

from pathlib import Path

from django.db import migrations

INSTALL = Path(__file__).with_name("0002_gaps.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_profiles")]
    operations = [migrations.RunSQL(INSTALL, "DROP FUNCTION muster_has_employment_gap(bigint, date)")]
