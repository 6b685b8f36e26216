-- The statements about shards, their owners and their segments.

-- The fence: it fails if another node took the shard, or this node opened it again, because the epoch may not be null.
-- name: fence
UPDATE shard SET until = clock_timestamp() + ? * INTERVAL '1 millisecond', last_seq = ?, epoch = CASE epoch WHEN ? THEN epoch END
WHERE id = ?

-- name: newestSegment
SELECT number, first_seq, next_seq, last_seq FROM segment ORDER BY number DESC LIMIT 1

-- name: growingSegment
SELECT number, first_seq, next_seq, last_seq FROM segment WHERE last_seq IS NULL ORDER BY number LIMIT 1

-- name: segment
SELECT number, first_seq, next_seq, last_seq FROM segment WHERE number = ?

-- name: insertSegment
INSERT INTO segment (number, first_seq, next_seq) VALUES (?, ?, ?)

-- name: closeSegment
UPDATE segment SET last_seq = ? WHERE number = ?

-- name: closedSegments
SELECT number, first_seq, next_seq, last_seq FROM segment WHERE rewritten = 0 AND last_seq IS NOT NULL ORDER BY number

-- name: emptiedSegments
SELECT s.number, s.first_seq, s.next_seq FROM segment s
WHERE s.rewritten = 1 AND NOT EXISTS (SELECT 1 FROM change c WHERE c.seq >= s.first_seq AND c.seq < s.next_seq) ORDER BY s.number

-- name: rewrittenSegment
UPDATE segment SET rewritten = 1 WHERE number = ?

-- name: deleteSegment
DELETE FROM segment WHERE number = ?

-- name: marksSince
SELECT COUNT(*) FROM retention_mark WHERE seq >= ?

-- name: flowTargets
SELECT id, flow, position FROM target

-- name: pendingIn
SELECT c.seq FROM change c WHERE c.flow = ? AND c.seq > ? AND c.seq <= ?
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.target = ? AND d.seq = c.seq) ORDER BY c.seq

-- name: purgedPast
UPDATE flow SET purged = GREATEST(purged, ?), deleted = GREATEST(deleted, ?)
