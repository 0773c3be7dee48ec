-- Free text: the words of an item, one index of them on every partition, and conditions on them.

-- English stems without accents. pgstac's extension `unaccent` lies in whichever schema it came to.
CREATE TEXT SEARCH CONFIGURATION swath.words (COPY = pg_catalog.english);
DO $$
DECLARE
    unaccent text;
BEGIN
    SELECT format('%I.unaccent', n.nspname) INTO unaccent
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'unaccent';
    EXECUTE format('ALTER TEXT SEARCH CONFIGURATION swath.words'
        ' ALTER MAPPING FOR hword, hword_part, word WITH %s, english_stem', unaccent);
END;
$$;

-- Signs of which PostgreSQL's parser would make compounds, paths, hosts, signed numbers and tags.
-- `translate` would take eight times as long.
CREATE FUNCTION swath.parted(words text) RETURNS text AS $$
    SELECT replace(replace(replace(replace(replace(
        words, '-', ' '), '/', ' '), '.', ' '), '+', ' '), '<', ' ');
$$ LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE;

-- A stop word between two texts keeps a phrase from beginning in one and ending in the other.
-- Longer texts are searched by their beginning: an index entry has its limits.
CREATE FUNCTION swath.words_of(id text, content jsonb) RETURNS tsvector AS $$
DECLARE
    told jsonb := content -> 'properties';
BEGIN
    RETURN to_tsvector('swath.words', left(swath.parted(concat_ws(' the ', id,
        told ->> 'title', told ->> 'description', told ->> 'platform',
        replace(told ->> 'instruments', '", "', '" the "'),
        replace(told ->> 'keywords', '", "', '" the "'))), 50000));
END;
$$ LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000;

-- One of the phrases: words in this order, side by side. Stop words alone match nothing.
CREATE FUNCTION swath.words_like(phrases text[]) RETURNS tsquery AS $$
    SELECT coalesce(string_agg(format('(%s)', query), ' | '), '')::tsquery
    FROM unnest(phrases) AS phrase,
        phraseto_tsquery('swath.words', swath.parted(phrase)) AS query
    WHERE numnode(query) > 0;
$$ LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE;

-- pgstac's condition of a search, with our own for its `q` (an array of phrases): pgstac's looks
-- into fewer properties, and no index serves it.
CREATE FUNCTION swath.condition(search jsonb) RETURNS text AS $$
    SELECT pgstac.stac_search_to_where(search - 'q') || CASE
        WHEN jsonb_typeof(search -> 'q') IN ('string', 'array') THEN
            format(' AND swath.words_of(id, content) @@ %L::tsquery ',
                swath.words_like(pgstac.to_text_array(search -> 'q')))
        ELSE '' END;
$$ LANGUAGE sql STABLE SET search_path = pgstac, public;

-- Whoever owns the items analyses them, and runs what their indexes are made of.
GRANT USAGE ON SCHEMA swath TO pgstac_admin, pgstac_read, pgstac_ingest;

CREATE INDEX swath_words ON pgstac.items USING gin (swath.words_of(id, content));
-- What stands on both is pgstac's own in the eyes of its maintenance, which drops other indexes.
CREATE INDEX swath_words_template ON pgstac.queryable_index_template
    USING gin (swath.words_of(id, content));
