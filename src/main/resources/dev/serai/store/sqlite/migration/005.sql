-- A ledger that costs the same at any age.

-- deleted: the highest sequence that retention deleted in the flow. Unlike purged it never goes back.
ALTER TABLE flow ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
UPDATE flow SET deleted = CASE WHEN purged = 0 THEN (SELECT MAX(seq) FROM last_purged) ELSE purged END;

-- filter_bits: null in a run that has its filters in bloom and key_bloom. In a merged run, whose filters are in run_filter, so
-- many upper bits of a hash are its slice. A run is replaced by a later one that covers its sequences. swept is not used.
ALTER TABLE run ADD COLUMN filter_bits INTEGER;

-- The filters of merged runs. kind: 0 id, 1 key. Slices without a row in run belong to an unfinished or replaced run.
CREATE TABLE run_filter (
    run INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    bits BLOB NOT NULL,
    PRIMARY KEY (run, kind, slice)
) WITHOUT ROWID;

-- last_seq: the ledger's newest sequence when the version was saved; null if it was saved before this version.
ALTER TABLE delivered_version ADD COLUMN last_seq BIGINT;
