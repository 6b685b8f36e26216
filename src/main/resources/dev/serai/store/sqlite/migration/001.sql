-- The ledger: an append-only log of changes, the targets' positions, and the deliveries.
-- Times are epoch milliseconds. A sequence is the position of a change in the ledger, over all flows.

-- purged: the sequence up to which retention has walked. Older changes that still exist are in revisit or not settled.
CREATE TABLE flow (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    accepted BIGINT NOT NULL DEFAULT 0,
    duplicates BIGINT NOT NULL DEFAULT 0,
    purged BIGINT NOT NULL DEFAULT 0
);

-- base: the number of the flow's accepted changes that this target never gets.
-- The counters include changes that were deleted since.
CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    base BIGINT NOT NULL,
    delivered BIGINT NOT NULL DEFAULT 0,
    waiting BIGINT NOT NULL DEFAULT 0,
    parked BIGINT NOT NULL DEFAULT 0,
    dead BIGINT NOT NULL DEFAULT 0,
    superseded BIGINT NOT NULL DEFAULT 0,
    discarded BIGINT NOT NULL DEFAULT 0,
    UNIQUE (flow, name)
);

-- Removed targets. Their deliveries are deleted in small steps (emptied: all deleted). Their ids are never used again.
CREATE TABLE removed_target (
    id INTEGER PRIMARY KEY,
    emptied INTEGER NOT NULL DEFAULT 0
);

-- operation: 0 upsert, 1 delete. The body is in payload, to keep these rows small and a walk over the log cheap.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY,
    flow INTEGER NOT NULL,
    key TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT,
    operation INTEGER NOT NULL,
    accepted_at BIGINT NOT NULL
);

-- Finds one flow's changes after a position, however many changes other flows have. It grows at one place per flow.
CREATE INDEX change_flow ON change (flow, seq);

-- headers: one "name: value" per line, escaped.
CREATE TABLE payload (
    seq INTEGER PRIMARY KEY,
    content_type TEXT,
    headers TEXT,
    body BLOB NOT NULL
);

-- state: 1 delivered, 2 waiting, 3 parked, 4 dead, 5 superseded, 6 discarded. key_hash: set while waiting or parked.
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
    PRIMARY KEY (target, seq)
) WITHOUT ROWID;

-- All are partial, so that a successful delivery changes none of them.
CREATE INDEX delivery_due ON delivery (target, due_at, seq) WHERE state = 2;
CREATE INDEX delivery_held ON delivery (target, key_hash, state, seq) WHERE key_hash IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (target, state, seq) WHERE state = 2;
CREATE INDEX delivery_parked ON delivery (target, state, seq) WHERE state = 3;
CREATE INDEX delivery_dead ON delivery (seq, target) WHERE state = 4;
CREATE INDEX delivery_expiry ON delivery (finished_at) WHERE state = 4;

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    target INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    status INTEGER,
    error TEXT NOT NULL
);

CREATE INDEX attempt_seq ON attempt (seq);

-- The newest version of each key that a target received, for targets that refuse older versions.
CREATE TABLE delivered_version (
    target INTEGER NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (target, key)
) WITHOUT ROWID;

CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    saved_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Changes up to flow.purged that were settled later and can be deleted now.
CREATE TABLE revisit (
    seq INTEGER PRIMARY KEY
);

-- The highest sequence that retention deleted, so that no sequence is assigned twice.
CREATE TABLE last_purged (
    seq BIGINT NOT NULL
);
INSERT INTO last_purged (seq) VALUES (0);

-- A run of the id index: the hashes of the ids and keys of from_seq..to_seq. bloom: a Bloom filter over the id hashes.
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    from_seq BIGINT NOT NULL,
    to_seq BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    swept INTEGER NOT NULL DEFAULT 0,
    bloom BLOB NOT NULL
);

-- kind: 0 id, 1 key. entries: see IndexRunPage. Pages without a row in run belong to an unfinished run.
CREATE TABLE run_page (
    run INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    first_hash BIGINT NOT NULL,
    number INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (run, kind, first_hash, number)
) WITHOUT ROWID;
