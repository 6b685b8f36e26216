-- The reads. They take the names of flows and targets, because read connections do not cache ids.
-- Rows of change and payload are joined with LEFT JOIN, so that a lost row is noticed instead of leaving its change out.

-- name: knows
SELECT 1 FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?

-- name: targetNumber
SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?

-- name: targets
SELECT f.name AS flow, t.name AS target FROM target t JOIN flow f ON f.id = t.flow ORDER BY f.name, t.name

-- name: flows
SELECT name, accepted, duplicates FROM flow ORDER BY name

-- Oldest pending, oldest waiting and oldest parked are one index lookup each.
-- name: counts
SELECT t.position, t.paused, t.paused_at, t.paused_by, t.paused_reason, t.waiting, t.parked, t.dead, t.delivered,
    f.accepted - t.base - t.delivered - t.waiting - t.parked - t.dead - t.superseded - t.discarded - t.filtered AS pending,
    (SELECT c.accepted_at FROM change c WHERE c.flow = t.flow AND c.seq > t.position
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = t.id AND d.seq = c.seq)
        ORDER BY c.seq LIMIT 1) AS oldest_pending,
    (SELECT c.accepted_at FROM change c WHERE c.seq =
        (SELECT MIN(d.seq) FROM delivery d WHERE d.target = t.id AND d.state = 2)) AS oldest_waiting,
    (SELECT c.accepted_at FROM change c WHERE c.seq =
        (SELECT MIN(d.seq) FROM delivery d WHERE d.target = t.id AND d.state = 3)) AS oldest_parked
FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?

-- The state orders waiting before parked.
-- name: heldKeys
SELECT key_hash, state FROM delivery INDEXED BY delivery_held WHERE key_hash >= ? AND target =
    (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
ORDER BY key_hash, state

-- name: pending
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked, p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum
FROM flow f CROSS JOIN target t CROSS JOIN change c LEFT JOIN payload p ON p.seq = c.seq
WHERE f.name = ? AND t.flow = f.id AND t.name = ? AND c.flow = f.id AND c.seq > ?
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = t.id AND d.seq = c.seq)
ORDER BY c.seq LIMIT ?

-- name: accepted
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked, p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum
FROM flow f CROSS JOIN change c LEFT JOIN payload p ON p.seq = c.seq
WHERE f.name = ? AND c.flow = f.id AND c.seq > ?
ORDER BY c.seq LIMIT ?

-- All changes up to the position have a row in delivery.
-- name: passed
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked, p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum,
    d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error, d.key_hash
FROM flow f CROSS JOIN target t CROSS JOIN change c CROSS JOIN delivery d LEFT JOIN payload p ON p.seq = c.seq
WHERE f.name = ? AND t.flow = f.id AND t.name = ? AND c.flow = f.id AND c.seq > ? AND c.seq <= t.position
    AND d.target = t.id AND d.seq = c.seq
ORDER BY c.seq LIMIT ?

-- name: deleted
SELECT deleted FROM flow WHERE name = ?

-- name: due
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum, d.attempts, d.due_at, d.key_hash,
    EXISTS (SELECT 1 FROM delivery b WHERE b.target = d.target AND b.key_hash = d.key_hash AND b.state = 3 AND b.seq > d.seq) AS followed
FROM delivery d LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow LEFT JOIN payload p ON p.seq = d.seq
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = 2 AND d.due_at <= ?
ORDER BY d.due_at, d.seq LIMIT ?

-- name: held
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum, d.attempts, d.due_at, d.key_hash, 0 AS followed
FROM delivery d INDEXED BY delivery_held LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow LEFT JOIN payload p ON p.seq = d.seq
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.key_hash = ? AND (d.state = 2 OR d.seq > ?)
ORDER BY d.state, d.seq LIMIT ?

-- Sequences are small numbers, so the range of key hashes holds next to nothing else.
-- name: unordered
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM delivery d INDEXED BY delivery_held JOIN change c ON c.seq = d.seq JOIN flow f ON f.id = c.flow
WHERE d.key_hash > ? AND d.key_hash <= (SELECT MAX(seq) FROM change) AND d.key_hash = d.seq AND d.state = 2
    AND d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
ORDER BY d.key_hash LIMIT ?

-- name: nextDue
SELECT d.due_at FROM delivery d
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?) AND d.state = 2
    AND d.due_at > ?
ORDER BY d.due_at LIMIT 1

-- name: deliveredVersion
SELECT version FROM delivered_version WHERE key = ? AND target =
    (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)

-- name: clock
SELECT running, steady, wall FROM clock

-- name: cursor
SELECT name, value, saved_at, sum FROM cursor WHERE name = ?

-- name: cursors
SELECT name, value, saved_at FROM cursor ORDER BY name

-- name: entry
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked, p.content_type, p.headers, p.body, p.seq AS payload_seq, p.sum AS payload_sum
FROM change c LEFT JOIN flow f ON f.id = c.flow LEFT JOIN payload p ON p.seq = c.seq WHERE c.seq = ?

-- name: newest
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM change c LEFT JOIN flow f ON f.id = c.flow ORDER BY c.seq DESC LIMIT ?

-- name: newestOfFlow
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM flow f CROSS JOIN change c WHERE f.name = ? AND c.flow = f.id ORDER BY c.seq DESC LIMIT ?

-- name: head
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM change c LEFT JOIN flow f ON f.id = c.flow WHERE c.seq = ?

-- name: deliveries
SELECT f.name AS flow, t.name AS target, d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error
FROM change c CROSS JOIN flow f CROSS JOIN target t CROSS JOIN delivery d
WHERE c.seq = ? AND f.id = c.flow AND t.flow = c.flow AND d.target = t.id AND d.seq = c.seq ORDER BY t.name

-- name: attempts
SELECT f.name AS flow, t.name AS target, a.number, a.at, a.status, a.error, a.transcript, a.sealed
FROM attempt a JOIN target t ON t.id = a.target JOIN flow f ON f.id = t.flow WHERE a.seq = ? ORDER BY a.id

-- name: dead
SELECT f.name AS flow, t.name AS target, d.seq, c.id, c.key, c.version, c.operation, c.accepted_at, d.attempts, d.finished_at, d.status, d.error, d.cause
FROM delivery d LEFT JOIN change c ON c.seq = d.seq CROSS JOIN target t CROSS JOIN flow f
WHERE d.state = 4 AND d.seq > ? AND d.finished_at >= ? AND t.id = d.target AND f.id = t.flow
ORDER BY d.seq, d.target

-- The state is 0 for pending.
-- name: targetsWith
SELECT f.name AS flow, t.name AS target FROM target t JOIN flow f ON f.id = t.flow
WHERE CASE ? WHEN 2 THEN t.waiting WHEN 3 THEN t.parked WHEN 4 THEN t.dead
    ELSE f.accepted - t.base - t.delivered - t.waiting - t.parked - t.dead - t.superseded - t.discarded - t.filtered END > 0
ORDER BY f.name, t.name

-- name: standingWaiting
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error, d.key_hash
FROM delivery d INDEXED BY delivery_waiting LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = 2 AND d.seq > ? ORDER BY d.seq LIMIT ?

-- name: standingParked
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error, d.key_hash
FROM delivery d INDEXED BY delivery_parked LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = 3 AND d.seq > ? ORDER BY d.seq LIMIT ?

-- name: standingDead
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error, d.key_hash
FROM delivery d INDEXED BY delivery_dead LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = 4 AND d.seq > ? ORDER BY d.seq LIMIT ?

-- name: standingOfCause
SELECT d.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked,
    d.state, d.attempts, d.due_at, d.finished_at, d.status, d.error, d.key_hash
FROM delivery d INDEXED BY delivery_cause LEFT JOIN change c ON c.seq = d.seq LEFT JOIN flow f ON f.id = c.flow
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = ? AND d.cause = ? AND d.seq > ? ORDER BY d.seq LIMIT ?

-- name: standingPending
SELECT c.seq, c.accepted_at, f.name AS flow, c.id, c.key, c.version, c.operation, c.sum, (SELECT seq FROM unchecked) AS unchecked
FROM flow f CROSS JOIN target t CROSS JOIN change c
WHERE f.name = ? AND t.flow = f.id AND t.name = ? AND c.flow = f.id AND c.seq > MAX(?, t.position)
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = t.id AND d.seq = c.seq)
ORDER BY c.seq LIMIT ?

-- name: behind
SELECT COUNT(*) FROM (SELECT 1 FROM delivery d INDEXED BY delivery_held
    WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.key_hash = ? AND d.state = 3 AND d.seq > ? LIMIT ?)

-- The index has all that is asked for.
-- name: causes
SELECT d.cause, COUNT(*) AS count, COUNT(CASE WHEN d.finished_at >= ? THEN 1 END) AS recent, COUNT(DISTINCT d.cause_key) AS keys, MIN(d.finished_at) AS first_at, MAX(d.finished_at) AS last_at, MIN(d.seq) AS example
FROM delivery d INDEXED BY delivery_cause
WHERE d.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)
    AND d.state = ? AND d.cause IS NOT NULL GROUP BY d.cause

-- name: failure
SELECT status, error FROM delivery WHERE seq = ? AND target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)

-- name: replays
SELECT id, flow, target, keys, sequences, error, cause, status, since, until, rate, started_at, ended_at, state, reason, matched, moved, settled, failed
FROM replay ORDER BY id DESC LIMIT ?

-- name: audit
SELECT id, at, actor, action, what, filter, count, reason, outcome FROM audit NOT INDEXED
WHERE id < ? AND at >= ? AND at < ? AND (CAST(? AS TEXT) IS NULL OR actor = ?) AND (CAST(? AS TEXT) IS NULL OR action = ?) AND outcome LIKE ?
ORDER BY id DESC LIMIT ?

-- One lookup for each minute or hour, because the rows of all flows are together. The sum of all has the numbers 0.
-- name: history
WITH RECURSIVE period (at) AS (SELECT ? UNION ALL SELECT period.at + ? FROM period WHERE period.at < ?)
SELECT h.at, h.accepted, h.duplicates, h.delivered, h.failed, h.dead, h.pending, h.oldest
FROM period CROSS JOIN history h WHERE h.step = ? AND h.at = period.at AND h.flow = 0 AND h.target = 0

-- name: historyOfFlow
WITH RECURSIVE period (at) AS (SELECT ? UNION ALL SELECT period.at + ? FROM period WHERE period.at < ?)
SELECT h.at, h.accepted, h.duplicates, h.delivered, h.failed, h.dead, h.pending, h.oldest
FROM period CROSS JOIN history h WHERE h.step = ? AND h.at = period.at AND h.flow = (SELECT id FROM flow WHERE name = ?)

-- name: historyOfTarget
WITH RECURSIVE period (at) AS (SELECT ? UNION ALL SELECT period.at + ? FROM period WHERE period.at < ?)
SELECT h.at, h.accepted, h.duplicates, h.delivered, h.failed, h.dead, h.pending, h.oldest
FROM period CROSS JOIN history h WHERE h.step = ? AND h.at = period.at AND h.flow = (SELECT id FROM flow WHERE name = ?)
    AND h.target IN (0, (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?))

-- name: oldestHistory
SELECT at FROM history WHERE step = ? ORDER BY at LIMIT 1

-- name: stateChanges
SELECT s.at, f.name AS flow, t.name AS target, s.before, s.state
FROM state_change s INDEXED BY state_change_at CROSS JOIN target t CROSS JOIN flow f
WHERE s.at >= ? AND s.at < ? AND t.id = s.target AND f.id = t.flow AND (CAST(? AS TEXT) IS NULL OR f.name = ?) AND (CAST(? AS TEXT) IS NULL OR t.name = ?)
ORDER BY s.at DESC, s.id DESC LIMIT ?

-- name: lastStates
SELECT s.at, f.name AS flow, t.name AS target, s.before, s.state
FROM target t CROSS JOIN flow f CROSS JOIN state_change s
WHERE f.id = t.flow AND s.id = (SELECT MAX(l.id) FROM state_change l WHERE l.target = t.id)

-- name: delivered
SELECT f.name AS flow, t.name AS target, t.delivered FROM target t JOIN flow f ON f.id = t.flow

-- One lookup for each window, as of the history.
-- name: transitions
WITH RECURSIVE period (at) AS (SELECT ? UNION ALL SELECT period.at + ? FROM period WHERE period.at < ?)
SELECT c.cell, c.number FROM period CROSS JOIN transition_count c WHERE c.step = ? AND c.at = period.at
    AND c.target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?)

-- name: oldestTransition
SELECT at FROM transition_count WHERE step = ? ORDER BY at LIMIT 1

-- name: regimes
SELECT started, regime, until, ended FROM regime_period
WHERE target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?) ORDER BY started DESC LIMIT ?

-- name: scores
SELECT col, SUM(attempts) AS attempts, SUM(brier) AS brier, SUM(log_loss) AS log_loss FROM forecast_score
WHERE target = (SELECT t.id FROM target t JOIN flow f ON f.id = t.flow WHERE f.name = ? AND t.name = ?) AND at >= ? GROUP BY col

-- name: auditBetween
SELECT id, at, actor, action, what, filter, count, reason, outcome FROM audit INDEXED BY audit_at
WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?

-- Read at a start that lacks a key which was used before.
-- name: isEncryptedWith
SELECT 1 FROM payload WHERE headers = ? UNION ALL SELECT 1 FROM attempt WHERE transcript = ? LIMIT 1
