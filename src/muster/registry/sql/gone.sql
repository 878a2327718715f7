-- Marks in {table} what the registry no longer lists for the producers of this batch; tells whose records these are.
WITH written AS (
    UPDATE {table} AS old
    SET gone_at = %(now)s
    FROM {parents} AS of_batch
    WHERE old.{parent} = of_batch.id
      AND old.gone_at IS NULL{can_go}
      AND NOT EXISTS (SELECT FROM {staged} AS told WHERE {told_of_parent} AND {old_is_told})
    RETURNING old.{parent}
)
SELECT DISTINCT {producer} FROM written{to_producer}
