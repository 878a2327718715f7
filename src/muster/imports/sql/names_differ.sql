-- Notes whether the file's name differs from the registry's.
UPDATE producers_producer AS producer SET name_differs = judged.differs
FROM unnest(%s::bigint[], %s::boolean[]) AS judged (id, differs)
WHERE producer.id = judged.id AND producer.name_differs <> judged.differs
