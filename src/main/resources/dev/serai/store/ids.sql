-- The runs: which sequences an id or a key may have.

-- name: runs
SELECT number, from_seq, to_seq, swept, bloom FROM run ORDER BY number

-- name: deleteUnfinishedRun
DELETE FROM run_entry WHERE run > (SELECT COALESCE(MAX(number), 0) FROM run)

-- name: namesAfter
SELECT c.seq, f.name, c.id, c.key FROM change c CROSS JOIN flow f WHERE c.seq > ? AND f.id = c.flow ORDER BY c.seq

-- name: insertRunEntry
INSERT INTO run_entry (run, kind, hash, seq) VALUES (?, ?, ?, ?)

-- name: insertRun
INSERT INTO run (number, from_seq, to_seq, entries, bloom) VALUES (?, ?, ?, ?, ?)

-- name: findInRun
SELECT seq FROM run_entry WHERE run = ? AND kind = ? AND hash = ? ORDER BY seq DESC

-- name: headsInRun
SELECT c.seq, c.accepted_at, f.name, c.id, c.key, c.version, c.operation
FROM run_entry r CROSS JOIN change c CROSS JOIN flow f
WHERE r.run = ? AND r.kind = ? AND r.hash = ? AND c.seq = r.seq AND f.id = c.flow ORDER BY r.seq DESC
