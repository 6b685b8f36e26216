-- What the nodes of a ledger share. It lies in the ledger's schema; the log of each shard lies in a schema of its own.

-- A shard and its owner, who alone may write to it. Each commit of the owner updates the row of its shard, with its epoch as the
-- condition: so nothing can be written with an old epoch. owner: the id of the node, null if nobody has it. until: when the lease
-- ends, by the clock of the server. last_seq: the newest sequence. The rows are made with the ledger, and their number never changes.
CREATE TABLE shard (
    id INTEGER PRIMARY KEY,
    owner TEXT,
    owner_name TEXT,
    epoch BIGINT NOT NULL DEFAULT 0,
    until TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
    last_seq BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
