-- Retention by the time that the ledger was open, and due times that survive a wall clock that is set. In milliseconds.

-- running: how long the ledger was open, over all starts. steady: the time in which due_at is given, which began as the wall
-- clock and never goes back. wall: the wall clock at the same moment.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY,
    running BIGINT NOT NULL,
    steady BIGINT NOT NULL,
    wall BIGINT NOT NULL
);

-- Which sequence was the newest at which running time; some hundreds of rows.
CREATE TABLE retention_mark (
    running BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
) WITHOUT ROWID;

-- The running time at which retention first saw a dead letter, NULL until then. Rows of letters that were replayed stay
-- until their time is over.
CREATE TABLE dead_age (
    target INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    since BIGINT,
    PRIMARY KEY (target, seq)
) WITHOUT ROWID;

CREATE INDEX dead_age_since ON dead_age (since);

INSERT INTO dead_age (target, seq) SELECT target, seq FROM delivery INDEXED BY delivery_dead WHERE state = 4;

DROP INDEX delivery_expiry;
