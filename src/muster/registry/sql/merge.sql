-- Adds what is new to {table} and changes what has changed, and tells whose records these are. What is as it
-- was is neither written nor locked.
WITH written AS (
    INSERT INTO {table} AS kept (organization_id, {parent}, {key}, {values}{only_once})
    SELECT told.organization_id, told.{parent}, {told_key}, {told_values}{told_only_once}
    FROM {told} AS told
    LEFT JOIN {table} AS old ON old.{parent} = told.{parent} AND {old_is_told}
    WHERE old.id IS NULL OR old.gone_at IS NOT NULL OR ({old_values}) IS DISTINCT FROM ({told_values}){or_told_at_last}
    ON CONFLICT ({parent}, {key}) DO UPDATE SET gone_at = NULL, {take_values}
    RETURNING {parent}
)
SELECT DISTINCT {producer} FROM written{to_producer}
