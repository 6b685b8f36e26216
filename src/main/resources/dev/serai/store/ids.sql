-- The runs of the id index, which give the sequences that an id or a key may have.

-- name: runs
SELECT number, from_seq, to_seq, swept, bloom, key_bloom FROM run ORDER BY number

-- name: deleteUnfinishedRun
DELETE FROM run_page WHERE run > (SELECT COALESCE(MAX(number), 0) FROM run)

-- name: namesAfter
SELECT c.seq, f.name AS flow, c.id, c.key FROM change c CROSS JOIN flow f WHERE c.seq > ? AND f.id = c.flow ORDER BY c.seq

-- name: insertRunPage
INSERT INTO run_page (run, kind, first_hash, number, entries) VALUES (?, ?, ?, ?, ?)

-- name: insertRun
INSERT INTO run (number, from_seq, to_seq, entries, bloom, key_bloom) VALUES (?, ?, ?, ?, ?, ?)

-- The pages that may contain a hash, the last one first. Only the first page in key order may begin with a lower hash.
-- name: pagesDown
SELECT first_hash, entries FROM run_page WHERE run = ? AND kind = ? AND first_hash <= ? ORDER BY first_hash DESC, number DESC
