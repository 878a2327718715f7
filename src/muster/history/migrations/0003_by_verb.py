from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0002_triggers"),
        ("access", "0002_cache_table"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("verb__in", ["added", "gone", "back", "removed"])),
                fields=["organization", "verb", "at", "id"],
                name="change_by_verb",
            ),
        ),
    ]
