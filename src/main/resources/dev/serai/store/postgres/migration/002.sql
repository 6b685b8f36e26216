-- The nodes that share the ledger, with the address of their internal port. until: when a node counts as gone unless it renews its
-- row, by the clock of the server. A node that has the ledger for itself has no row.
CREATE TABLE node (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
