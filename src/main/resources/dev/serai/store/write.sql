-- The statements of the writer's transactions.

-- name: insertChange
INSERT INTO change (seq, flow, key, id, version, operation, accepted_at, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: insertPayload
INSERT INTO payload (seq, content_type, headers, body, sum) VALUES (?, ?, ?, ?, ?)

-- name: lastSequence
SELECT MAX(seq) FROM (SELECT MAX(seq) AS seq FROM change UNION ALL SELECT seq FROM last_purged) AS known

-- name: isChange
SELECT 1 FROM change WHERE seq = ? AND flow = ? AND id = ?

-- name: flow
SELECT id, purged, deleted FROM flow WHERE name = ?

-- name: nextFlowId
SELECT COALESCE(MAX(id), 0) + 1 FROM flow

-- name: insertFlow
INSERT INTO flow (id, name) VALUES (?, ?)

-- name: countFlow
UPDATE flow SET accepted = accepted + ?, duplicates = duplicates + ? WHERE id = ?

-- name: targetId
SELECT id FROM target WHERE flow = ? AND name = ?

-- name: nextTargetId
SELECT COALESCE(MAX(id), 0) + 1 FROM (SELECT MAX(id) AS id FROM target UNION ALL SELECT MAX(id) FROM removed_target) AS known

-- name: insertTarget
INSERT INTO target (id, flow, name, position, base) VALUES (?, ?, ?, ?,
    (SELECT accepted FROM flow WHERE id = ?) - (SELECT COUNT(*) FROM change WHERE flow = ? AND seq > ?))

-- name: deleteTarget
DELETE FROM target WHERE id = ?

-- name: insertRemovedTarget
INSERT INTO removed_target (id) VALUES (?)

-- A removed target may have been the only one that kept changes from being deleted, so retention walks the flow again.
-- name: lookAgain
UPDATE flow SET purged = 0 WHERE id = ?

-- name: countTarget
UPDATE target SET delivered = delivered + ?, waiting = waiting + ?, parked = parked + ?, dead = dead + ?,
    superseded = superseded + ?, discarded = discarded + ?, filtered = filtered + ? WHERE id = ?

-- name: position
UPDATE target SET position = ? WHERE id = ?

-- name: pause
UPDATE target SET paused = ?, paused_at = ?, paused_by = ?, paused_reason = ? WHERE id = ?

-- name: insertDelivery
INSERT INTO delivery (state, attempts, due_at, finished_at, status, error, key_hash, cause, cause_key, target, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: updateDelivery
UPDATE delivery SET state = ?, attempts = ?, due_at = ?, finished_at = ?, status = ?, error = ?, key_hash = ?, cause = ?, cause_key = ?
WHERE target = ? AND seq = ? AND state = ?

-- name: delivery
SELECT state, attempts, due_at, finished_at, status, error FROM delivery WHERE target = ? AND seq = ?

-- name: insertAttempt
INSERT INTO attempt (seq, target, number, at, status, error, transcript, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- One transaction may have added several.
-- name: trimTranscripts
UPDATE attempt SET transcript = NULL, sealed = NULL WHERE transcript IS NOT NULL AND id IN
    (SELECT id FROM attempt WHERE seq = ? AND target = ? ORDER BY id DESC LIMIT 100 OFFSET ?)

-- Deletes the oldest attempt after the first ones, if there are too many.
-- name: trimAttempts
DELETE FROM attempt WHERE id = (SELECT id FROM attempt WHERE seq = ? AND target = ? ORDER BY id LIMIT 1 OFFSET ?)
    AND (SELECT COUNT(*) FROM attempt WHERE seq = ? AND target = ?) > ?

-- Without INDEXED BY the planner uses delivery_parked for some of these, and then reads every parked row of the target.
-- name: isHeld
SELECT 1 FROM delivery INDEXED BY delivery_held WHERE target = ? AND key_hash = ? LIMIT 1

-- The state orders waiting before parked.
-- name: firstHeld
SELECT state, seq, attempts FROM delivery INDEXED BY delivery_held WHERE target = ? AND key_hash = ? ORDER BY state, seq LIMIT 1

-- name: promote
UPDATE delivery SET state = 2, due_at = ? WHERE target = ? AND seq = ? AND state = 3

-- name: expedite
UPDATE delivery SET due_at = MIN(due_at, ?) WHERE target = ? AND seq = ? AND state = 2

-- name: saveReplay
INSERT INTO replay (id, flow, target, keys, sequences, error, cause, status, since, until, rate, started_at, ended_at, state, reason, matched, moved, settled, failed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, state = excluded.state, reason = excluded.reason, matched = excluded.matched, moved = excluded.moved,
    settled = excluded.settled, failed = excluded.failed

-- name: saveAudit
INSERT INTO audit (at, actor, action, what, filter, count, reason, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: endAudit
UPDATE audit SET count = ?, outcome = ? WHERE id = ?

-- name: lastAudit
SELECT MAX(id) FROM audit

-- Looks at the oldest rows alone.
-- name: trimAudit
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id > 0 ORDER BY id LIMIT ?)
    AND (at < ? OR id <= (SELECT MAX(id) FROM audit) - ?)

-- name: addMinute
INSERT INTO history (step, at, flow, target, accepted, duplicates, delivered, failed, dead, pending, oldest)
VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (step, at, flow, target) DO UPDATE SET accepted = history.accepted + excluded.accepted,
    duplicates = history.duplicates + excluded.duplicates, delivered = history.delivered + excluded.delivered,
    failed = history.failed + excluded.failed, dead = history.dead + excluded.dead, pending = excluded.pending, oldest = excluded.oldest

-- name: addHour
INSERT INTO history (step, at, flow, target, accepted, duplicates, delivered, failed, dead, pending, oldest)
VALUES (60, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (step, at, flow, target) DO UPDATE SET accepted = history.accepted + excluded.accepted,
    duplicates = history.duplicates + excluded.duplicates, delivered = history.delivered + excluded.delivered,
    failed = history.failed + excluded.failed, dead = history.dead + excluded.dead,
    pending = CASE WHEN excluded.pending > history.pending THEN excluded.pending ELSE history.pending END,
    oldest = CASE WHEN excluded.oldest > history.oldest THEN excluded.oldest ELSE history.oldest END

-- name: trimHistory
DELETE FROM history WHERE step = ? AND at < ?

-- name: saveStateChange
INSERT INTO state_change (at, target, before, state) VALUES (?, ?, ?, ?)

-- Looks at the oldest rows alone.
-- name: trimStateChanges
DELETE FROM state_change WHERE id IN (SELECT id FROM state_change WHERE id > 0 ORDER BY id LIMIT ?)
    AND (at < ? OR id <= (SELECT MAX(id) FROM state_change) - ?)

-- name: isHeldRow
SELECT 1 FROM delivery WHERE target = ? AND seq = ? AND state IN (2, 3)

-- name: heldBefore
SELECT 1 FROM delivery INDEXED BY delivery_held WHERE target = ? AND key_hash = ? AND state IN (2, 3) AND seq < ? LIMIT 1

-- name: putInOrder
UPDATE delivery SET key_hash = ? WHERE target = ? AND seq = ?

-- name: firstHeldBut
SELECT state, seq FROM delivery INDEXED BY delivery_held WHERE target = ? AND key_hash = ? AND seq <> ? ORDER BY state, seq LIMIT 1

-- name: park
UPDATE delivery SET state = 3, due_at = NULL WHERE target = ? AND seq = ? AND state = 2

-- name: parkedBefore
SELECT seq, attempts FROM delivery INDEXED BY delivery_held WHERE target = ? AND key_hash = ? AND state = 3 AND seq < ? ORDER BY seq LIMIT ?

-- name: saveDeliveredVersion
INSERT INTO delivered_version (target, key, version, last_seq) VALUES (?, ?, ?, ?)
ON CONFLICT (target, key) DO UPDATE SET version = excluded.version, last_seq = excluded.last_seq

-- name: saveCursor
INSERT INTO cursor (name, value, saved_at, sum) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, saved_at = excluded.saved_at, sum = excluded.sum

-- name: saveClock
INSERT INTO clock (id, running, steady, wall) VALUES (1, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET running = excluded.running, steady = excluded.steady, wall = excluded.wall

-- name: limitDue
UPDATE delivery INDEXED BY delivery_due SET due_at = ? WHERE target = ? AND state = 2 AND due_at > ?

-- Given up again: the time counts anew.
-- name: died
INSERT INTO dead_age (target, seq) VALUES (?, ?) ON CONFLICT (target, seq) DO UPDATE SET since = NULL

-- name: revisit
INSERT INTO revisit (seq) VALUES (?) ON CONFLICT (seq) DO NOTHING

-- name: addTransition
INSERT INTO transition_count (step, at, target, cell, number) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (step, at, target, cell) DO UPDATE SET number = transition_count.number + excluded.number

-- name: saveRegime
INSERT INTO regime_period (target, started, regime, until, ended) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (target, started) DO UPDATE SET regime = excluded.regime, until = excluded.until, ended = excluded.ended

-- name: trimRegimes
DELETE FROM regime_period WHERE target = ? AND started < (SELECT started FROM regime_period WHERE target = ? ORDER BY started DESC LIMIT 1 OFFSET ?)

-- name: deleteRegimesOfRemoved
DELETE FROM regime_period WHERE target IN (SELECT id FROM removed_target)

-- name: addScore
INSERT INTO forecast_score (at, target, col, attempts, brier, log_loss) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (at, target, col) DO UPDATE SET attempts = forecast_score.attempts + excluded.attempts,
    brier = forecast_score.brier + excluded.brier, log_loss = forecast_score.log_loss + excluded.log_loss

-- name: trimTransitions
DELETE FROM transition_count WHERE step = ? AND at < ?

-- name: trimScores
DELETE FROM forecast_score WHERE at < ?
