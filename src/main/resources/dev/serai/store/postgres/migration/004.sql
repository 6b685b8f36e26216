-- What parts of the nodes keep beside the log. The tables of each lie in a schema of their own, whose name ends with the id. epoch: counts
-- who opened them; each transaction that writes to them has the epoch as its condition, so only the node that opened them last can write.
CREATE TABLE side_tables (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    epoch BIGINT NOT NULL DEFAULT 0
);
-- Short texts that all nodes share, such as the named tokens.
CREATE TABLE shared_text (name TEXT PRIMARY KEY, text TEXT NOT NULL);
