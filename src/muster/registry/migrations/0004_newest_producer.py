"""Up to which producer the list of targets was compared, so that every look need not compare it all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_alertday_digest")]

    operations = [
        migrations.AddField(
            model_name="alertsaccount",
            name="newest_producer",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
