-- The runs: which sequences an id or a key may have.

-- name: runs
SELECT number, from_seq, to_seq, swept, bloom FROM run ORDER BY number

-- name: deleteUnfinishedRun
DELETE FROM run_page WHERE run > (SELECT COALESCE(MAX(number), 0) FROM run)

-- name: namesAfter
SELECT c.seq, f.name, c.id, c.key FROM change c CROSS JOIN flow f WHERE c.seq > ? AND f.id = c.flow ORDER BY c.seq

-- name: insertRunPage
INSERT INTO run_page (run, kind, first_hash, number, entries) VALUES (?, ?, ?, ?, ?)

-- name: insertRun
INSERT INTO run (number, from_seq, to_seq, entries, bloom) VALUES (?, ?, ?, ?, ?)

-- the pages that may hold a hash, the last one first; only the first of them may begin before it
-- name: pagesDown
SELECT first_hash, entries FROM run_page WHERE run = ? AND kind = ? AND first_hash <= ? ORDER BY first_hash DESC, number DESC
