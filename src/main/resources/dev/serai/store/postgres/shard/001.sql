-- The log of one shard, in a schema of its own. The meaning of tables and columns is that of SQLite's scripts.
-- Names and keys are compared byte by byte, whatever the database's collation.

CREATE TABLE flow (
    id INTEGER PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    accepted BIGINT NOT NULL DEFAULT 0,
    duplicates BIGINT NOT NULL DEFAULT 0,
    purged BIGINT NOT NULL DEFAULT 0,
    deleted BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    paused_at BIGINT,
    paused_by TEXT,
    paused_reason TEXT,
    base BIGINT NOT NULL,
    delivered BIGINT NOT NULL DEFAULT 0,
    waiting BIGINT NOT NULL DEFAULT 0,
    parked BIGINT NOT NULL DEFAULT 0,
    dead BIGINT NOT NULL DEFAULT 0,
    superseded BIGINT NOT NULL DEFAULT 0,
    discarded BIGINT NOT NULL DEFAULT 0,
    filtered BIGINT NOT NULL DEFAULT 0,
    UNIQUE (flow, name)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE removed_target (
    id INTEGER PRIMARY KEY,
    emptied INTEGER NOT NULL DEFAULT 0
);

-- The segments of the log: change, payload, delivery and attempt have a partition for each, with its number in the name. last_seq: the
-- newest sequence in it, null while it is the one that grows. rewritten: retention left only what some target still needs.
CREATE TABLE segment (
    number INTEGER PRIMARY KEY,
    first_seq BIGINT NOT NULL,
    next_seq BIGINT NOT NULL,
    last_seq BIGINT,
    rewritten INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE change (
    seq BIGINT PRIMARY KEY,
    flow INTEGER NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version TEXT,
    operation INTEGER NOT NULL,
    accepted_at BIGINT NOT NULL,
    sum INTEGER
) PARTITION BY RANGE (seq);

CREATE INDEX change_flow ON change (flow, seq);

CREATE TABLE payload (
    seq BIGINT PRIMARY KEY,
    content_type TEXT,
    headers TEXT,
    body BYTEA NOT NULL,
    sum INTEGER
) PARTITION BY RANGE (seq);

CREATE TABLE delivery (
    target INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT,
    finished_at BIGINT,
    status INTEGER,
    error TEXT,
    key_hash BIGINT,
    cause BIGINT,
    cause_key BIGINT,
    PRIMARY KEY (target, seq)
) PARTITION BY RANGE (seq);

-- All are partial, so that a successful delivery changes none of them.
CREATE INDEX delivery_due ON delivery (target, due_at, seq) WHERE state = 2;
CREATE INDEX delivery_held ON delivery (target, key_hash, state, seq) WHERE key_hash IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (target, seq) WHERE state = 2;
CREATE INDEX delivery_parked ON delivery (target, seq) WHERE state = 3;
CREATE INDEX delivery_dead ON delivery (seq, target) WHERE state = 4;
CREATE INDEX delivery_cause ON delivery (target, state, cause, seq, cause_key, finished_at) WHERE cause IS NOT NULL;

CREATE TABLE attempt (
    id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    target INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    status INTEGER,
    error TEXT NOT NULL,
    transcript TEXT,
    sealed BYTEA,
    PRIMARY KEY (seq, id)
) PARTITION BY RANGE (seq);

CREATE SEQUENCE attempt_id;
ALTER TABLE attempt ALTER COLUMN id SET DEFAULT nextval('attempt_id');

CREATE TABLE delivered_version (
    target INTEGER NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    version TEXT NOT NULL,
    last_seq BIGINT,
    PRIMARY KEY (target, key)
);

CREATE TABLE cursor (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    sum INTEGER
);

CREATE TABLE revisit (
    seq BIGINT PRIMARY KEY
);

CREATE TABLE last_purged (
    seq BIGINT NOT NULL
);
INSERT INTO last_purged (seq) VALUES (0);

CREATE TABLE unchecked (
    seq BIGINT NOT NULL
);
INSERT INTO unchecked (seq) VALUES (0);

CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    bloom BYTEA NOT NULL,
    key_bloom BYTEA,
    filter_bits INTEGER
);

-- Hashes and filters look random, so compressing them would be in vain.
CREATE TABLE run_page (
    run INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    first_hash BIGINT NOT NULL,
    number INTEGER NOT NULL,
    entries BYTEA NOT NULL,
    PRIMARY KEY (run, kind, first_hash, number)
);
ALTER TABLE run_page ALTER COLUMN entries SET STORAGE EXTERNAL;

CREATE TABLE run_filter (
    run INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    bits BYTEA NOT NULL,
    PRIMARY KEY (run, kind, slice)
);
ALTER TABLE run_filter ALTER COLUMN bits SET STORAGE EXTERNAL;

CREATE TABLE clock (
    id INTEGER PRIMARY KEY,
    running BIGINT NOT NULL,
    steady BIGINT NOT NULL,
    wall BIGINT NOT NULL
);

CREATE TABLE retention_mark (
    running BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
);

CREATE TABLE dead_age (
    target INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    since BIGINT,
    PRIMARY KEY (target, seq)
);

CREATE INDEX dead_age_since ON dead_age (since);

CREATE TABLE replay (
    id BIGINT PRIMARY KEY,
    flow TEXT,
    target TEXT,
    keys TEXT NOT NULL,
    sequences TEXT NOT NULL,
    error TEXT,
    cause BIGINT,
    status INTEGER,
    since BIGINT,
    until BIGINT,
    rate DOUBLE PRECISION NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    state INTEGER NOT NULL,
    reason TEXT,
    matched BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    failed BIGINT NOT NULL
);

CREATE TABLE audit (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    what TEXT NOT NULL,
    filter TEXT,
    count BIGINT,
    reason TEXT,
    outcome TEXT NOT NULL
);

CREATE INDEX audit_at ON audit (at);

CREATE TABLE history (
    step INTEGER NOT NULL,
    at BIGINT NOT NULL,
    flow INTEGER NOT NULL,
    target INTEGER NOT NULL,
    accepted BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    oldest BIGINT NOT NULL,
    PRIMARY KEY (step, at, flow, target)
);

CREATE TABLE state_change (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    before TEXT NOT NULL,
    state TEXT NOT NULL
);

CREATE INDEX state_change_at ON state_change (at);
CREATE INDEX state_change_target ON state_change (target, id);
