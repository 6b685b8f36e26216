-- The statements that PostgreSQL wants in other words than SQLite.

-- A batch of VALUES becomes one statement, and that may not update a row twice: these two are no VALUES.
-- name: saveDeliveredVersion
INSERT INTO delivered_version (target, key, version, last_seq)
SELECT CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT)
ON CONFLICT (target, key) DO UPDATE SET version = excluded.version, last_seq = excluded.last_seq

-- Given up again: the time counts anew.
-- name: died
INSERT INTO dead_age (target, seq) SELECT CAST(? AS INTEGER), CAST(? AS BIGINT) ON CONFLICT (target, seq) DO UPDATE SET since = NULL

-- name: expedite
UPDATE delivery SET due_at = LEAST(due_at, ?) WHERE target = ? AND seq = ? AND state = 2

-- Names the partition by the sequence.
-- name: trimAttempts
DELETE FROM attempt WHERE (seq, id) IN (SELECT seq, id FROM attempt WHERE seq = ? AND target = ? ORDER BY id LIMIT 1 OFFSET ?)
    AND (SELECT COUNT(*) FROM attempt WHERE seq = ? AND target = ?) > ?

-- Names the partition by the sequence.
-- name: trimTranscripts
UPDATE attempt SET transcript = NULL, sealed = NULL WHERE transcript IS NOT NULL AND (seq, id) IN
    (SELECT seq, id FROM attempt WHERE seq = ? AND target = ? ORDER BY id DESC LIMIT 100 OFFSET ?)

-- name: standingPending
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM flow f CROSS JOIN target t CROSS JOIN change c
WHERE f.name = ? AND t.flow = f.id AND t.name = ? AND c.flow = f.id AND c.seq > GREATEST(?, t.position)
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = t.id AND d.seq = c.seq)
ORDER BY c.seq LIMIT ?

-- name: behind
SELECT COUNT(*) FROM (SELECT 1 FROM delivery d
    WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.key_hash = ? AND d.state = 3 AND d.seq > ? LIMIT ?) AS parked

-- name: nextRange
SELECT MIN(seq) AS first, MAX(seq) AS last FROM (
    SELECT seq FROM change WHERE flow = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?) AS looked

-- name: purgedTo
UPDATE flow SET purged = ?, deleted = GREATEST(deleted, ?) WHERE id = ?
