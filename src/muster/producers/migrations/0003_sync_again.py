"""What is queued while it is being synced is synced once more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("producers", "0002_search")]

    operations = [
        migrations.AddField(
            model_name="producer",
            name="sync_again",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
