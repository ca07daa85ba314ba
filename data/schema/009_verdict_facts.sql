-- Up to which event whoever gave a verdict knew the facts: one about others holds no more.
ALTER TABLE verdicts ADD COLUMN event INTEGER DEFAULT 0;
UPDATE verdicts SET event = (SELECT coalesce(max(e.id), 0) FROM events AS e WHERE e.made < verdicts.made);
