-- Swath's own tables. pgstac keeps the items; here stands what pgstac has no place for.

-- One row for each harvest, so that its progress can be followed from any process.
CREATE TABLE swath.run (
    id         uuid PRIMARY KEY,           -- the Prefect flow run
    collection text NOT NULL,
    state      text NOT NULL DEFAULT 'running'
               CHECK (state IN ('running', 'completed', 'failed', 'crashed')),
    started    timestamptz NOT NULL DEFAULT now(),
    ended      timestamptz,
    counts     jsonb NOT NULL DEFAULT '{}', -- found, unchanged, registered, updated, quarantined
    activity   text,                        -- what it is doing now, for people
    error      text,
    CHECK ((state = 'running') = (ended IS NULL))
);
CREATE INDEX ON swath.run (collection, started DESC);

-- One row for each product or record of an upstream: what became of it.
CREATE TABLE swath.ledger (
    collection   text NOT NULL,
    upstream_id  text NOT NULL,
    fingerprint  text NOT NULL,             -- the upstream's version, as the source sees it
    state        text NOT NULL CHECK (state IN ('registered', 'quarantined', 'deregistered')),
    item_id      text,
    content_hash text,                      -- of the item as it was registered
    reason       text,                      -- why it is in quarantine
    run          uuid,
    first_seen   timestamptz NOT NULL DEFAULT now(),
    last_changed timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection, upstream_id),
    CHECK (state <> 'registered' OR (item_id IS NOT NULL AND content_hash IS NOT NULL)),
    CHECK ((state = 'quarantined') = (reason IS NOT NULL))
);
CREATE INDEX ON swath.ledger (collection, item_id);

-- Where the next harvest of a collection takes up the thread.
CREATE TABLE swath.cursor (
    collection text PRIMARY KEY,
    position   timestamptz NOT NULL,
    run        uuid
);

-- Metadata records of items in other standards, by the name of the standard.
CREATE TABLE swath.record (
    collection text NOT NULL,
    item_id    text NOT NULL,
    standard   text NOT NULL,               -- iso19139
    content    bytea NOT NULL,              -- zlib
    PRIMARY KEY (collection, item_id, standard)
);
ALTER TABLE swath.record ALTER COLUMN content SET STORAGE EXTERNAL;

-- What changed in the catalogue, written in the transaction that changed it (outbox).
CREATE TABLE swath.event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    kind       text NOT NULL CHECK (kind IN ('registered', 'updated', 'deregistered')),
    collection text NOT NULL,
    item_id    text NOT NULL,
    bbox       double precision[] CHECK (cardinality(bbox) = 4), -- west south east north, degrees
    start_time timestamptz,
    end_time   timestamptz
);
CREATE INDEX ON swath.event (collection, id);

-- Running totals of a collection; version grows with every change of its items or its document.
CREATE TABLE swath.summary (
    collection text PRIMARY KEY,
    version    bigint NOT NULL DEFAULT 1,
    items      bigint NOT NULL DEFAULT 0,
    bbox       double precision[] CHECK (cardinality(bbox) = 4),
    start_time timestamptz,
    end_time   timestamptz
);
