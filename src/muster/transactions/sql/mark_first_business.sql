-- Says when business began, and until when it is to be filed therefore; null where nobody can tell.
UPDATE transactions_transaction AS one
SET first_business_on = %(day)s, file_by = told.file_by, updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(deadlines)s::date[]) AS told (id, file_by)
WHERE one.id = told.id
