-- Takes ids for new batches.
SELECT nextval(pg_get_serial_sequence('transactions_batch', 'id')) FROM generate_series(1, %s)
