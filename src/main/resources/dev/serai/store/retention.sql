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
UPDATE delivery SET state = 6 WHERE target = ? AND seq = ? AND state = 4

-- name: revisits
SELECT r.seq, c.flow FROM revisit r JOIN change c ON c.seq = r.seq WHERE r.seq <= ? ORDER BY r.seq LIMIT ?

-- name: flowsByPurged
SELECT id, purged FROM flow ORDER BY id

-- name: settledCandidates
SELECT seq FROM change WHERE flow = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?

-- name: targetsOfFlow
SELECT id, position FROM target WHERE flow = ? ORDER BY id

-- name: state
SELECT state FROM delivery WHERE target = ? AND seq = ?

-- name: purgedTo
UPDATE flow SET purged = ? WHERE id = ?

-- name: rememberLast
UPDATE last_purged SET seq = ? WHERE seq < ?

-- name: deleteChange
DELETE FROM change WHERE seq = ?

-- name: deletePayload
DELETE FROM payload WHERE seq = ?

-- name: deleteDelivery
DELETE FROM delivery WHERE target = ? AND seq = ?

-- name: deleteAttempts
DELETE FROM attempt WHERE seq = ?

-- name: deleteRevisit
DELETE FROM revisit WHERE seq = ?

-- name: removedTarget
SELECT id FROM removed_target WHERE emptied = 0 LIMIT 1

-- name: deleteDeliveriesOf
DELETE FROM delivery WHERE target = ? AND seq IN (SELECT seq FROM delivery WHERE target = ? ORDER BY seq LIMIT ?)

-- name: emptied
UPDATE removed_target SET emptied = 1 WHERE id = ?

-- name: firstUnlooked
SELECT COALESCE(MIN(seq), 0) FROM change WHERE flow = ? AND seq > ?

-- name: anyChangeIn
SELECT 1 FROM change WHERE seq BETWEEN ? AND ? LIMIT 1

-- name: nextRunPage
SELECT kind, first_hash, number, entries FROM run_page WHERE run = ? AND (kind, first_hash, number) > (?, ?, ?)
ORDER BY kind, first_hash, number LIMIT 1

-- name: isKept
SELECT 1 FROM change WHERE seq = ?

-- name: shrinkRunPage
UPDATE run_page SET entries = ? WHERE run = ? AND kind = ? AND first_hash = ? AND number = ?

-- name: deleteRunPage
DELETE FROM run_page WHERE run = ? AND kind = ? AND first_hash = ? AND number = ?

-- name: hasRunPage
SELECT 1 FROM run_page WHERE run = ? LIMIT 1

-- name: swept
UPDATE run SET swept = 1 WHERE number = ?

-- name: deleteRun
DELETE FROM run WHERE number = ?
