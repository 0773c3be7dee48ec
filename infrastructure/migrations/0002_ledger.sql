-- The ledger knows several sources, what upstream has no more, and what gave way to another;
-- runs become jobs; the outbox can be read without a gap, and subscribers are remembered.

-- One row for each harvest, registration and deregistration: the jobs that people follow.
ALTER TABLE swath.run
    ADD COLUMN kind text NOT NULL DEFAULT 'harvest'
        CHECK (kind IN ('harvest', 'register', 'deregister')),
    ADD COLUMN accepted timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN request jsonb,               -- what was asked for, of a registration
    DROP CONSTRAINT run_state_check,
    DROP CONSTRAINT run_check,
    ALTER COLUMN started DROP NOT NULL,
    ALTER COLUMN started DROP DEFAULT,
    ADD CONSTRAINT run_state_check CHECK (
        state IN ('accepted', 'running', 'completed', 'failed', 'crashed', 'cancelled')),
    ADD CONSTRAINT run_ended_check CHECK ((state IN ('accepted', 'running')) = (ended IS NULL)),
    ADD CONSTRAINT run_started_check CHECK (started IS NOT NULL OR state <> 'running');
CREATE INDEX ON swath.run (accepted DESC, id);

-- The ledger: one row for each product or record of a source of a collection.
ALTER TABLE swath.ledger
    ADD COLUMN source text NOT NULL DEFAULT 'main',
    ADD COLUMN last_seen timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN missing_since timestamptz,   -- upstream has it no more, or says that it is deleted
    ADD COLUMN granule text,                -- what it shows: the same for duplicates
    ADD COLUMN rank jsonb,                  -- which of its duplicates is newest
    ADD COLUMN successor text,              -- the item that it gave way to
    DROP CONSTRAINT ledger_pkey,
    ADD PRIMARY KEY (collection, source, upstream_id),
    DROP CONSTRAINT ledger_state_check,
    DROP CONSTRAINT ledger_check,
    ADD CONSTRAINT ledger_state_check CHECK (state IN (
        'registered', 'superseded', 'missing', 'quarantined', 'dropped', 'deregistered')),
    ADD CONSTRAINT ledger_item_check CHECK (
        state NOT IN ('registered', 'missing')
        OR (item_id IS NOT NULL AND content_hash IS NOT NULL)),
    ADD CONSTRAINT ledger_missing_check CHECK (
        CASE state WHEN 'missing' THEN missing_since IS NOT NULL
                   WHEN 'superseded' THEN true
                   ELSE missing_since IS NULL END),
    ADD CONSTRAINT ledger_successor_check CHECK ((state = 'superseded') = (successor IS NOT NULL));
ALTER TABLE swath.ledger SET (fillfactor = 80);  -- `last_seen` changes with every sweep, in place
CREATE INDEX ON swath.ledger (collection, granule) WHERE granule IS NOT NULL;
CREATE INDEX ON swath.ledger (collection, successor) WHERE successor IS NOT NULL;
CREATE INDEX ON swath.ledger (run);
CREATE INDEX ON swath.ledger (collection, source, state) WHERE state <> 'registered';

-- The transitions that there are; docs/explanation/ledger.md draws them.
CREATE TABLE swath.transition (
    before text NOT NULL,
    after  text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (before, after)
);
INSERT INTO swath.transition (before, after, reason) VALUES
    ('registered',   'superseded',   'a duplicate won'),
    ('registered',   'missing',      'a full sweep did not find it, or upstream says it is deleted'),
    ('registered',   'quarantined',  'its new version cannot be registered'),
    ('registered',   'deregistered', 'somebody removed the item'),
    ('superseded',   'registered',   'the duplicate that had won is gone, or it won with a new version'),
    ('superseded',   'quarantined',  'its new version cannot be registered'),
    ('superseded',   'missing',      'the duplicate that had won is gone, and so is this one upstream'),
    ('superseded',   'deregistered', 'upstream has it no more, or somebody removed the item'),
    ('missing',      'registered',   'upstream has it again'),
    ('missing',      'superseded',   'upstream has it again, and a duplicate won'),
    ('missing',      'quarantined',  'upstream has a version again that cannot be registered'),
    ('missing',      'deregistered', 'the grace period is over, or somebody removed the item'),
    ('quarantined',  'registered',   'a new version, or another attempt, went well'),
    ('quarantined',  'superseded',   'a new version went well, and a duplicate won'),
    ('quarantined',  'missing',      'a full sweep did not find it, or upstream says it is deleted'),
    ('quarantined',  'dropped',      'an operator gave it up'),
    ('quarantined',  'deregistered', 'upstream has it no more, or somebody removed the item'),
    ('dropped',      'registered',   'upstream has a new version that went well'),
    ('dropped',      'superseded',   'upstream has a new version, and a duplicate won'),
    ('dropped',      'quarantined',  'upstream has a new version that cannot be registered'),
    ('dropped',      'deregistered', 'upstream has it no more, or somebody removed the item'),
    ('deregistered', 'registered',   'upstream has it again, or a new version of it'),
    ('deregistered', 'superseded',   'upstream has it again, and a duplicate won'),
    ('deregistered', 'quarantined',  'upstream has it again, and it cannot be registered');

CREATE FUNCTION swath.check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM swath.transition WHERE before = OLD.state AND after = NEW.state
    ) THEN
        RAISE EXCEPTION 'the ledger has no way from % to % (%, %)',
            OLD.state, NEW.state, OLD.collection, OLD.upstream_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_transition BEFORE UPDATE OF state ON swath.ledger
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION swath.check_transition();

-- What came, as it came, of what is in quarantine.
CREATE TABLE swath.original (
    collection  text NOT NULL,
    source      text NOT NULL,
    upstream_id text NOT NULL,
    media_type  text NOT NULL,
    content     bytea NOT NULL,             -- zlib
    PRIMARY KEY (collection, source, upstream_id),
    FOREIGN KEY (collection, source, upstream_id)
        REFERENCES swath.ledger ON DELETE CASCADE
);

-- Where the next harvest of a source takes up the thread, and when all of it was looked at last.
ALTER TABLE swath.cursor
    ADD COLUMN source text NOT NULL DEFAULT 'main',
    ADD COLUMN swept timestamptz,
    ALTER COLUMN position DROP NOT NULL,
    DROP CONSTRAINT cursor_pkey,
    ADD PRIMARY KEY (collection, source);

-- The windows of a backfill that are done, so that it goes on where it stopped.
CREATE TABLE swath.backfill (
    collection text NOT NULL,
    source     text NOT NULL,
    span       tstzrange NOT NULL,          -- of acquisition
    run        uuid NOT NULL,
    done       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection, source, span)
);

-- The outbox. Ids are given before a transaction commits, so that a reader who goes by them alone
-- would miss what a slow transaction commits late. Readers go by (txid, id), and take only what is
-- older than every transaction that still runs: txid < pg_snapshot_xmin(pg_current_snapshot()).
ALTER TABLE swath.event
    ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN item jsonb;                  -- of a deregistered item: what it was, for filters
CREATE INDEX ON swath.event (txid, id);
CREATE INDEX ON swath.event (collection, item_id) WHERE kind = 'deregistered';

CREATE FUNCTION swath.ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('swath_event', '');   -- no payload: the reader looks, and it has no limit
    RETURN NULL;
END $$;
CREATE TRIGGER ring AFTER INSERT ON swath.event
    FOR EACH STATEMENT EXECUTE FUNCTION swath.ring();

-- Who is told of changes by webhook, and how far.
CREATE TABLE swath.subscription (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    url         text NOT NULL,
    collections text[],                     -- NULL: all
    bbox        double precision[] CHECK (cardinality(bbox) = 4),
    filter      jsonb,                      -- CQL2 JSON
    secret      text NOT NULL,              -- signs the deliveries
    txid        xid8 NOT NULL DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
    event       bigint NOT NULL DEFAULT 0,  -- (txid, event): all up to here is done with
    created     timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0, -- at the delivery that is due
    due         timestamptz NOT NULL DEFAULT now(),
    error       text,                       -- of the last attempt, if it failed
    ended       timestamptz                 -- the receiver said that it is gone for good
);

CREATE TABLE swath.dead_letter (
    subscription uuid NOT NULL REFERENCES swath.subscription ON DELETE CASCADE,
    event        bigint NOT NULL,
    body         jsonb NOT NULL,            -- the CloudEvent
    attempts     integer NOT NULL,
    error        text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    replay       boolean NOT NULL DEFAULT false, -- somebody asked to send it again
    PRIMARY KEY (subscription, event)
);
