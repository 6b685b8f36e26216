-- What failed, by cause, and replays.

-- cause: the hash of the cause, see the class Cause; null unless the delivery failed and waits or is dead. cause_key: the hash of
-- its key. finished_at: of a waiting delivery the time of its last failure.
ALTER TABLE delivery ADD COLUMN cause BIGINT;
ALTER TABLE delivery ADD COLUMN cause_key BIGINT;
CREATE INDEX delivery_cause ON delivery (target, state, cause, seq, cause_key, finished_at) WHERE cause IS NOT NULL;

-- Replays of dead letters. The columns from flow to until are the filter; keys and sequences have one to a line, escaped.
-- state: 0 runs, 1 moved all and waits for their outcomes, 2 ended, 3 stopped.
CREATE TABLE replay (
    id INTEGER PRIMARY KEY,
    flow TEXT,
    target TEXT,
    keys TEXT NOT NULL,
    sequences TEXT NOT NULL,
    error TEXT,
    cause BIGINT,
    status INTEGER,
    since BIGINT,
    until BIGINT,
    rate REAL NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    state INTEGER NOT NULL,
    reason TEXT,
    matched BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    failed BIGINT NOT NULL
);
