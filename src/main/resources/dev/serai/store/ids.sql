-- The runs of the id index, which give the sequences that an id or a key may have.

-- name: runs
SELECT number, from_seq, to_seq, entries, filter_bits FROM run

-- name: idBloom
SELECT bloom FROM run WHERE number = ?

-- name: keyBloom
SELECT key_bloom AS bloom FROM run WHERE number = ? AND key_bloom IS NOT NULL

-- The next numbers that rows are stored under; 0 after the last.
-- name: runAfter
SELECT COALESCE(MIN(number), 0) FROM run WHERE number > ?

-- name: pageRunAfter
SELECT COALESCE(MIN(run), 0) FROM run_page WHERE run > ?

-- name: filterRunAfter
SELECT COALESCE(MIN(run), 0) FROM run_filter WHERE run > ?

-- name: namesAfter
SELECT c.seq, f.name AS flow, c.id, c.key FROM change c CROSS JOIN flow f WHERE c.seq > ? AND f.id = c.flow ORDER BY c.seq

-- name: insertRunPage
INSERT INTO run_page (run, kind, first_hash, number, entries) VALUES (?, ?, ?, ?, ?)

-- name: insertRun
INSERT INTO run (number, from_seq, to_seq, entries, bloom, key_bloom, filter_bits) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: insertFilterSlice
INSERT INTO run_filter (run, kind, slice, bits) VALUES (?, ?, ?, ?)

-- name: filterSlice
SELECT bits FROM run_filter WHERE run = ? AND kind = ? AND slice = ?

-- name: filterSlicesAfter
SELECT slice, bits FROM run_filter WHERE run = ? AND kind = ? AND slice > ? ORDER BY slice LIMIT ?

-- The pages that may contain a hash, the last one first. Only the first page in key order may begin with a lower hash.
-- name: pagesDown
SELECT first_hash, entries FROM run_page WHERE run = ? AND kind = ? AND first_hash <= ? ORDER BY first_hash DESC, number DESC

-- name: nextRunPage
SELECT first_hash, number, entries FROM run_page WHERE run = ? AND kind = ? AND (first_hash, number) > (?, ?)
ORDER BY first_hash, number LIMIT 1

-- name: idPagesFrom
SELECT entries FROM run_page WHERE run = ? AND kind = 0 AND first_hash >= ? ORDER BY first_hash, number

-- name: anyChangeIn
SELECT 1 FROM change WHERE seq BETWEEN ? AND ? LIMIT 1

-- name: changesIn
SELECT seq FROM change WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?

-- name: isKept
SELECT 1 FROM change WHERE seq = ?

-- name: deleteRun
DELETE FROM run WHERE number = ?

-- name: deleteRunPages
DELETE FROM run_page WHERE run = ? AND (kind, first_hash, number) IN
    (SELECT kind, first_hash, number FROM run_page WHERE run = ? ORDER BY kind, first_hash, number LIMIT ?)

-- name: deleteFilterSlices
DELETE FROM run_filter WHERE run = ? AND (kind, slice) IN
    (SELECT kind, slice FROM run_filter WHERE run = ? ORDER BY kind, slice LIMIT ?)
