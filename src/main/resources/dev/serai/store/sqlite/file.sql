-- What SQLite tells about its file, and does to it.

-- The second column is the number of pages in the write-ahead file.
-- name: walPages
PRAGMA wal_checkpoint(NOOP)

-- name: checkpoint
PRAGMA wal_checkpoint(PASSIVE)

-- 2 if the file can be made smaller.
-- name: autoVacuum
PRAGMA auto_vacuum

-- name: pages
PRAGMA page_count

-- name: freePages
PRAGMA freelist_count
