-- What failed attempts sent and were answered.

-- transcript: as headers are stored in payload, or the mark of the key that sealed is encrypted with.
ALTER TABLE attempt ADD COLUMN transcript TEXT;
ALTER TABLE attempt ADD COLUMN sealed BLOB;
