-- key_bloom: which key hashes may be in the run; none in a run written before, which is then looked into.
ALTER TABLE run ADD COLUMN key_bloom BLOB;
