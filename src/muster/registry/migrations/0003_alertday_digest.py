from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registry", "0002_alerts")]

    operations: ClassVar = [
        migrations.AddField("AlertDay", "digest", models.CharField(max_length=64, default="", db_default="")),
    ]
