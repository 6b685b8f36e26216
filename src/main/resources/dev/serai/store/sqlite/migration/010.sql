-- What happened in each minute and hour, and when targets changed their state.

-- step: the length in minutes, 1 or 60. at: the beginning in minutes of the epoch. flow and target: 0 for the sum of all; the row of
-- a flow has target 0 and counts what it accepted. pending and oldest (in milliseconds): at the end of a minute; of an hour the
-- highest. A flow or target has a row only where something happened or waited, the sum has one for each minute in which the node ran.
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
) WITHOUT ROWID;

-- before and state: words. at: epoch milliseconds.
CREATE TABLE state_change (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    before TEXT NOT NULL,
    state TEXT NOT NULL
);

CREATE INDEX state_change_at ON state_change (at);
CREATE INDEX state_change_target ON state_change (target);

-- Finds what was done within a time.
CREATE INDEX audit_at ON audit (at);
