-- Inserts that write many rows: each parameter is an array with an element for each row, in the order of the parameters of the
-- statement that writes one row.

-- name: insertChangeArrays
INSERT INTO change (seq, flow, key, id, version, operation, accepted_at, sum)
SELECT * FROM unnest(CAST(? AS BIGINT[]), CAST(? AS INTEGER[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]),
    CAST(? AS INTEGER[]), CAST(? AS BIGINT[]), CAST(? AS INTEGER[]))

-- name: insertPayloadArrays
INSERT INTO payload (seq, content_type, headers, body, sum)
SELECT * FROM unnest(CAST(? AS BIGINT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS BYTEA[]), CAST(? AS INTEGER[]))

-- name: insertDeliveryArrays
INSERT INTO delivery (state, attempts, due_at, finished_at, status, error, key_hash, cause, cause_key, target, seq)
SELECT * FROM unnest(CAST(? AS INTEGER[]), CAST(? AS INTEGER[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS INTEGER[]),
    CAST(? AS TEXT[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS INTEGER[]), CAST(? AS BIGINT[]))
