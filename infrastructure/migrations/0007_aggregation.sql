-- Counting what a search finds (STAC API - Aggregation).

-- The middle of a footprint. Of one in parts on both sides of the antimeridian it lies there too.
CREATE FUNCTION swath.centroid(footprint geometry) RETURNS geometry AS $$
    SELECT CASE
        WHEN ST_XMax(footprint) - ST_XMin(footprint) > 180 AND ST_NumGeometries(footprint) > 1
            THEN ST_WrapX(ST_Centroid(ST_ShiftLongitude(footprint)), 180, -360)
        ELSE ST_Centroid(footprint)
    END;
$$ LANGUAGE sql IMMUTABLE PARALLEL SAFE; -- not STRICT, so that it is put in place

-- What items are counted by, as SQL: `told` holds the properties of an item, `middle` its centroid.
-- Tiles are those of web maps, `zoom/column/row` with row 0 in the north, up to 85 degrees.
CREATE FUNCTION swath.aggregation_key(asked jsonb) RETURNS text AS $$
    SELECT CASE asked ->> 'by'
        WHEN 'datetime' THEN format(
            $f$to_char(date_trunc(%L, datetime AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')$f$,
            asked ->> 'interval')
        WHEN 'collection' THEN 'collection'
        WHEN 'property' THEN format('told ->> %L', asked ->> 'name')
        WHEN 'range' THEN format(
            $f$CASE WHEN jsonb_typeof(told -> %1$L) = 'number'
                AND (told -> %1$L)::numeric BETWEEN %2$L::numeric AND %3$L::numeric THEN
                least(floor(((told -> %1$L)::numeric - %2$L::numeric) / %4$L::numeric),
                    (%3$L::numeric - %2$L::numeric) / %4$L::numeric - 1)::int::text END$f$,
            asked ->> 'name', asked ->> 'minimum', asked ->> 'maximum', asked ->> 'width')
        WHEN 'geohash' THEN format('ST_GeoHash(middle, %L::int)', asked ->> 'precision')
        WHEN 'geotile' THEN format(
            $f$%1$L || '/' || least(greatest(floor((ST_X(middle) + 180) / 360 * %2$s), 0), %3$s)::int
                || '/' || least(greatest(floor((1 - asinh(tan(radians(least(greatest(
                    ST_Y(middle), -85.0511287798066), 85.0511287798066)))) / pi()) / 2 * %2$s),
                    0), %3$s)::int$f$,
            (asked ->> 'precision')::int, (1 << (asked ->> 'precision')::int),
            (1 << (asked ->> 'precision')::int) - 1)
    END;
$$ LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE;

-- Counts of the items that a search finds, in one pass over them. Of each of the array's keys come
-- the most frequent values, by its place; under -1 come all items, with their extent in time.
CREATE FUNCTION swath.aggregate(search jsonb, asked jsonb, most int)
RETURNS TABLE (place int, key text, frequency bigint, earliest timestamptz, latest timestamptz) AS $$
DECLARE
    columns text;
    sets text;
    places text;
    keys text;
BEGIN
    SELECT string_agg(format(', %s AS k%s', swath.aggregation_key(a), n), ''),
        string_agg(format(', (k%s)', n), ''),
        string_agg(format(' WHEN GROUPING(k%s) = 0 THEN %s', n, n - 1), ''),
        string_agg(format(' WHEN GROUPING(k%1$s) = 0 THEN k%1$s', n), '')
    INTO columns, sets, places, keys
    FROM jsonb_array_elements(asked) WITH ORDINALITY AS t (a, n);
    RETURN QUERY EXECUTE format(
        'SELECT place, key, frequency, earliest, latest FROM ('
        ' SELECT *, row_number() OVER (PARTITION BY place ORDER BY frequency DESC, key) AS rank FROM ('
        '  SELECT CASE%s ELSE -1 END AS place, CASE%s END AS key, count(*) AS frequency,'
        '   min(datetime) AS earliest, max(end_datetime) AS latest FROM ('
        '    SELECT datetime, end_datetime%s FROM ('
        '     SELECT datetime, end_datetime, collection, content -> ''properties'' AS told,'
        '      swath.centroid(geometry) AS middle'
        '     FROM pgstac.items WHERE %s OFFSET 0) found) keyed'
        '  GROUP BY GROUPING SETS (()%s)) counted WHERE key IS NOT NULL OR place = -1) ranked'
        ' WHERE rank <= %s',
        coalesce(places, ' WHEN false THEN -1'), coalesce(keys, ' WHEN false THEN NULL::text'),
        coalesce(columns, ''), swath.condition(search), coalesce(sets, ''), most);
END;
$$ LANGUAGE plpgsql STABLE SET search_path = pgstac, public;
