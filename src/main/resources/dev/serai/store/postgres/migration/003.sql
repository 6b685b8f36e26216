-- Which part of a ledger this database keeps. ledger: the same in all of its databases. number: the place of this one among them, from 0.
-- shards: of the whole ledger. One row, written when the part is made.
CREATE TABLE part (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    ledger TEXT NOT NULL,
    number INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    shards INTEGER NOT NULL
);
