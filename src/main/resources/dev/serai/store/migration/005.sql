-- A ledger that costs the same at any age.

-- deleted: the highest sequence that retention deleted in the flow. Unlike purged it never goes back.
ALTER TABLE flow ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
UPDATE flow SET deleted = CASE WHEN purged = 0 THEN (SELECT MAX(seq) FROM last_purged) ELSE purged END;
