from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0004_origin"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index("organization", Upper("line_name"), "id", name="appointment_by_line"),
        ),
    ]
