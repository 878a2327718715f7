from __future__ import annotations

from django.db import migrations

# The table of Django's database cache, in which log-in rate limits are counted for all web processes together.
# Made here so that `migrate` alone is enough; the columns are those of `createcachetable`.
CREATE = """
CREATE TABLE IF NOT EXISTS django_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS django_cache_expires ON django_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE django_cache")]
