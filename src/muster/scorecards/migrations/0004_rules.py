from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scorecards", "0003_light_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rules",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("since", models.DateTimeField()),
            ],
        ),
    ]
