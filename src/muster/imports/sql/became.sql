-- What becomes of each row, by the things that it tells first. Takes told and thing.
became AS MATERIALIZED (
    SELECT told.row_no, min(thing.key) AS key,
           CASE
               WHEN bool_or(told.row_no = thing.row_no AND thing.old IS NULL) THEN 'created'
               WHEN bool_or(told.row_no = thing.row_no AND thing.old <> thing.new) THEN 'updated'
               ELSE 'unchanged'
           END AS outcome
    FROM told JOIN thing USING (key)
    GROUP BY told.row_no
)
