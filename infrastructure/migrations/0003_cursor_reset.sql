-- A retry during a harvest must outlive it: the harvest does not set the cursor that was reset
-- after it had turned to the source.
ALTER TABLE swath.cursor ADD COLUMN reset timestamptz;
