"""Every move of a transaction is kept, whichever way it was made: a statement-level trigger writes it."""

from django.db import migrations

INSTALL = """
CREATE FUNCTION transactions_keep_status() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    told CONSTANT jsonb := coalesce(nullif(current_setting('muster.changes', true), ''), '{}');
BEGIN
    INSERT INTO transactions_statuschange (transaction_id, old, new, at, note, source, by_id, operation_id)
    SELECT n.id, o.status, n.status, coalesce((told ->> 'at')::timestamptz, now()), n.note,
           coalesce(told ->> 'source', 'unknown'), (told ->> 'by')::bigint, (told ->> 'operation')::uuid
    FROM old_rows AS o JOIN new_rows AS n USING (id)
    WHERE o.status <> n.status
    ORDER BY n.id;
    RETURN NULL;
END
$body$;
CREATE TRIGGER transactions_keep_status AFTER UPDATE ON transactions_transaction
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_keep_status();
"""
UNINSTALL = "DROP FUNCTION transactions_keep_status CASCADE"


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_initial")]
    operations = [migrations.RunSQL(INSTALL, UNINSTALL)]
