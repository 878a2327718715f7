from django.db import migrations, models
from django.db.models import Q

UNDER_WAY = ("waiting", "sending")
MANY, MAILING = 1, 2


def keep_priorities(apps, schema_editor):
    mails = apps.get_model("notices", "Email").objects
    mails.filter(is_mailing=True).update(priority=MAILING)
    mails.filter(kind="portal-invitation", state__in=UNDER_WAY).update(priority=MANY)


class Migration(migrations.Migration):
    dependencies = [("notices", "0006_mailing_counts")]

    operations = [
        migrations.AddField(
            model_name="email",
            name="priority",
            field=models.SmallIntegerField(
                choices=[
                    (0, "A single mail, for which somebody may be waiting"),
                    (1, "One of many, such as an invitation"),
                    (2, "One of a mailing"),
                ],
                db_default=0,
                default=0,
            ),
        ),
        migrations.RunPython(keep_priorities, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="email", name="email_of_mailing"),
        migrations.RemoveIndex(model_name="email", name="email_by_turn"),
        migrations.RemoveField(model_name="email", name="is_mailing"),
        migrations.AddIndex(
            model_name="email",
            index=models.Index(
                fields=["organization", "operation_id", "state"],
                name="email_of_mailing",
                condition=Q(priority=MAILING),
            ),
        ),
        migrations.AddIndex(
            model_name="email",
            index=models.Index(
                fields=["priority", "next_at", "id"],
                name="email_by_turn",
                condition=Q(state__in=UNDER_WAY),
            ),
        ),
    ]
