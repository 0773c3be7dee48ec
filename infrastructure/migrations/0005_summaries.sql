-- What a collection tells of its items beyond number and extent: kept as they come.
ALTER TABLE swath.summary
    ADD COLUMN seen  jsonb NOT NULL DEFAULT '{}', -- values, ranges and assets of its items
    ADD COLUMN given jsonb NOT NULL DEFAULT '{}'; -- what its own document says, which goes first
UPDATE swath.summary s SET given = jsonb_strip_nulls(jsonb_build_object(
    'summaries', c.content -> 'summaries',
    'renders', c.content -> 'renders',
    'stac_extensions', c.content -> 'stac_extensions'))
FROM pgstac.collections c WHERE c.id = s.collection;
