-- Checksums of changes, see the class Checksum. Changes that were accepted before have none.

ALTER TABLE change ADD COLUMN sum INTEGER;
ALTER TABLE payload ADD COLUMN sum INTEGER;

-- The highest sequence that may have no checksum.
CREATE TABLE unchecked (
    seq BIGINT NOT NULL
);
INSERT INTO unchecked (seq) SELECT COALESCE(MAX(seq), 0) FROM change;

-- Over name and value, see the class Checksum. A cursor that was saved before has none.
ALTER TABLE cursor ADD COLUMN sum INTEGER;
