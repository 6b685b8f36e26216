-- The statements of the check of a whole ledger.

-- name: checkChanges
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum
FROM change c LEFT JOIN flow f ON f.id = c.flow LEFT JOIN payload p ON p.seq = c.seq ORDER BY c.seq

-- name: lastPurged
SELECT MAX(seq) FROM last_purged

-- name: checkPayloads
SELECT p.seq FROM payload p LEFT JOIN change c ON c.seq = p.seq WHERE c.seq IS NULL ORDER BY p.seq

-- Rows of removed targets are deleted later.
-- name: checkDeliveries
SELECT d.seq, d.state, d.due_at, d.finished_at, d.key_hash, c.seq AS change_seq, c.key, f.name AS flow, t.id AS target_id, t.name AS target
FROM delivery d LEFT JOIN target t ON t.id = d.target LEFT JOIN flow f ON f.id = t.flow LEFT JOIN change c ON c.seq = d.seq
WHERE d.target NOT IN (SELECT id FROM removed_target) ORDER BY d.target, d.seq

-- name: checkCounts
SELECT t.id, f.name AS flow, t.name AS target, t.waiting, t.parked, t.dead,
    f.accepted - t.base - t.delivered - t.waiting - t.parked - t.dead - t.superseded - t.discarded - t.filtered AS pending,
    (SELECT COUNT(*) FROM change c WHERE c.flow = t.flow AND c.seq > t.position
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = t.id AND d.seq = c.seq)) AS is_pending,
    (SELECT COUNT(*) FROM delivery d WHERE d.target = t.id AND d.state = 2) AS is_waiting,
    (SELECT COUNT(*) FROM delivery d WHERE d.target = t.id AND d.state = 3) AS is_parked,
    (SELECT COUNT(*) FROM delivery d WHERE d.target = t.id AND +d.state = 4) AS is_dead
FROM target t JOIN flow f ON f.id = t.flow ORDER BY f.name, t.name

-- name: checkCursors
SELECT name, value, sum FROM cursor ORDER BY name
