-- Types of the properties that standards define and that are no texts. They stand for every
-- collection: a search of all of them must compare numbers as numbers. pgstac's `to_int` would
-- round what an orbit is compared with. Rows that an operator made are left alone.
SET LOCAL search_path = pgstac, public;
INSERT INTO pgstac.queryables (name, definition, property_wrapper)
SELECT t.name, told.definition || jsonb_build_object('swath:known', true), r.reader
FROM unnest(ARRAY[
    'gsd', 'eo:cloud_cover', 'eo:snow_cover', 'view:off_nadir', 'view:incidence_angle',
    'view:azimuth', 'view:sun_azimuth', 'view:sun_elevation', 'sar:center_frequency',
    'sar:resolution_range', 'sar:resolution_azimuth', 'landsat:cloud_cover_land',
    'sat:relative_orbit', 'sat:absolute_orbit', 'mgrs:utm_zone', 'proj:epsg',
    'created', 'updated', 'published', 'expires'
]) AS t (name),
LATERAL (SELECT CASE
    WHEN t.name IN ('created', 'updated', 'published', 'expires')
        THEN '{"type": "string", "format": "date-time"}'::jsonb
    WHEN t.name ~ '^(sat|mgrs|proj):' THEN '{"type": "integer"}'
    ELSE '{"type": "number"}' END) AS told (definition),
LATERAL (SELECT CASE WHEN told.definition ? 'format' THEN 'to_tstz' ELSE 'to_float' END) AS r (reader)
WHERE NOT EXISTS (SELECT FROM pgstac.queryables q WHERE q.name = t.name);
SET LOCAL search_path TO DEFAULT;
