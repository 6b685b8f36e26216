-- The statements that delete expired changes, in small steps.

-- name: newestMark
SELECT running, seq FROM retention_mark ORDER BY running DESC LIMIT 1

-- name: newestMarkUpTo
SELECT running, seq FROM retention_mark WHERE running <= ? ORDER BY running DESC LIMIT 1

-- name: mark
INSERT INTO retention_mark (running, seq) VALUES (?, ?) ON CONFLICT (running) DO UPDATE SET seq = excluded.seq

-- name: deleteMarksBefore
DELETE FROM retention_mark WHERE running < ?

-- name: ageDead
UPDATE dead_age SET since = ? WHERE (target, seq) IN (SELECT target, seq FROM dead_age WHERE since IS NULL LIMIT ?)

-- name: expired
SELECT target, seq FROM dead_age WHERE since <= ? ORDER BY since LIMIT ?

-- name: isDead
SELECT 1 FROM delivery WHERE target = ? AND seq = ? AND state = 4

-- name: deleteDeadAge
DELETE FROM dead_age WHERE target = ? AND seq = ?

-- name: deleteDeadAgesOf
DELETE FROM dead_age WHERE target = ? AND seq IN (SELECT seq FROM dead_age WHERE target = ? ORDER BY seq LIMIT ?)

-- name: expiredKey
SELECT f.name AS flow, t.name AS target, c.key FROM target t JOIN flow f ON f.id = t.flow JOIN change c ON c.flow = t.flow WHERE t.id = ? AND c.seq = ?

-- name: expire
UPDATE delivery SET state = 6, cause = NULL WHERE target = ? AND seq = ? AND state = 4

-- The change is missing if the walk has deleted it.
-- name: revisits
SELECT r.seq, c.flow FROM revisit r LEFT JOIN change c ON c.seq = r.seq WHERE r.seq <= ? ORDER BY r.seq LIMIT ?

-- The flow that is furthest behind first.
-- name: flowsByPurged
SELECT id, purged FROM flow ORDER BY purged, id

-- name: targetsOfFlow
SELECT id, position FROM target WHERE flow = ?

-- The first and the last of the next changes of a flow.
-- name: nextRange
SELECT MIN(seq) AS first, MAX(seq) AS last FROM (
    SELECT seq FROM change INDEXED BY change_flow WHERE flow = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?)

-- name: firstPendingIn
SELECT c.seq FROM change c INDEXED BY change_flow WHERE c.flow = ? AND c.seq > ? AND c.seq <= ?
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = ? AND d.seq = c.seq) ORDER BY c.seq LIMIT 1

-- The index of dead letters begins with the sequence, so it would give those of all flows; dead_age has each of them by target.
-- name: openOrDeadIn
SELECT seq FROM delivery INDEXED BY delivery_waiting WHERE target = ? AND state = 2 AND seq > ? AND seq <= ?
UNION ALL SELECT seq FROM delivery INDEXED BY delivery_parked WHERE target = ? AND state = 3 AND seq > ? AND seq <= ?
UNION ALL SELECT d.seq FROM dead_age a CROSS JOIN delivery d
    WHERE a.target = ? AND a.seq > ? AND a.seq <= ? AND d.target = a.target AND d.seq = a.seq AND d.state = 4

-- name: deletePayloadsIn
DELETE FROM payload WHERE seq IN (SELECT seq FROM change INDEXED BY change_flow WHERE flow = ? AND seq > ? AND seq <= ?)

-- name: deleteAttemptsIn
DELETE FROM attempt WHERE seq IN (SELECT seq FROM change INDEXED BY change_flow WHERE flow = ? AND seq > ? AND seq <= ?)

-- name: deleteDeliveriesIn
DELETE FROM delivery WHERE target = ? AND seq > ? AND seq <= ?

-- name: deleteChangesIn
DELETE FROM change INDEXED BY change_flow WHERE flow = ? AND seq > ? AND seq <= ?

-- name: purgedTo
UPDATE flow SET purged = ?, deleted = MAX(deleted, ?) WHERE id = ?

-- name: rememberLast
UPDATE last_purged SET seq = ? WHERE seq < ?

-- name: deleteRevisit
DELETE FROM revisit WHERE seq = ?

-- name: removedTarget
SELECT id FROM removed_target WHERE emptied = 0 LIMIT 1

-- name: deleteDeliveriesOf
DELETE FROM delivery WHERE target = ? AND seq IN (SELECT seq FROM delivery WHERE target = ? ORDER BY seq LIMIT ?)

-- name: emptied
UPDATE removed_target SET emptied = 1 WHERE id = ?

-- name: deleteVersionsOf
DELETE FROM delivered_version WHERE target = ? AND key IN (SELECT key FROM delivered_version WHERE target = ? ORDER BY key LIMIT ?)

-- name: versionsAfter
SELECT v.target, v.key, v.last_seq, f.name AS flow FROM delivered_version v LEFT JOIN target t ON t.id = v.target LEFT JOIN flow f ON f.id = t.flow
WHERE (v.target, v.key) > (?, ?) ORDER BY v.target, v.key LIMIT ?

-- name: dateVersion
UPDATE delivered_version SET last_seq = ? WHERE target = ? AND key = ?

-- name: deleteVersion
DELETE FROM delivered_version WHERE target = ? AND key = ?
