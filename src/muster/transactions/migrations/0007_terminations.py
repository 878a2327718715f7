"""Why an appointment is to end belongs to the transaction; so far it stood in the request of its batch."""

from django.db import migrations, models

TELL = """
UPDATE transactions_transaction AS one
SET termination_reason = coalesce(batch.request ->> 'reason', ''),
    for_cause = coalesce((batch.request ->> 'for_cause')::boolean, false),
    request_note = coalesce(batch.request ->> 'note', '')
FROM transactions_batch AS batch
WHERE batch.id = one.batch_id AND one.kind = 'termination'
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0006_closed_is_asked_about")]
    operations = [
        migrations.AddField(
            model_name="transaction",
            name="termination_reason",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="transaction",
            name="for_cause",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="transaction",
            name="request_note",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.RunSQL(TELL, migrations.RunSQL.noop),
    ]
