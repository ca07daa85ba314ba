-- Batches that are taken back or replaced, and facts as of any moment; no fact is ever changed.
-- A file that was taken back may come again, so that its digest is not unique; `content` is the file's own digest.
CREATE TABLE batches_next (
    id INTEGER PRIMARY KEY, file VARCHAR NOT NULL, digest VARCHAR NOT NULL, sender VARCHAR NOT NULL, received VARCHAR NOT NULL,
    read BIGINT NOT NULL, accepted BIGINT NOT NULL, rejected BIGINT NOT NULL, content VARCHAR NOT NULL, mapping VARCHAR NOT NULL
);
INSERT INTO batches_next SELECT *, '', '' FROM batches;
DROP TABLE batches;
ALTER TABLE batches_next RENAME TO batches;
-- What happened, in order: received, superseded (by the batch `other`), withdrawn, reviewed, verified. An event's number is a moment.
CREATE TABLE events (
    id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, event VARCHAR NOT NULL, other INTEGER, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
INSERT INTO events SELECT id, id, 'received', NULL, sender, received, '' FROM batches ORDER BY id;
ALTER TABLE publications ADD COLUMN event INTEGER;
UPDATE publications SET event = batch;
-- Which facts do not hold, from which event to which (NULL: still): a newer batch has the same, or theirs was taken back.
-- It follows from facts and events, and is kept since working it out anew takes a look at every fact.
ALTER TABLE facts ADD COLUMN id BIGINT;
UPDATE facts SET id = rowid;
CREATE TABLE overridden (fact BIGINT NOT NULL, since INTEGER NOT NULL, until INTEGER);
INSERT INTO overridden SELECT id, next, NULL FROM (
    SELECT id, lead(batch) OVER (PARTITION BY region, site, period, variable ORDER BY batch) AS next FROM facts
) WHERE next IS NOT NULL;
DROP VIEW current_facts;
CREATE MACRO facts_at(moment) AS TABLE
    SELECT region, site, period, variable, value,
        CASE WHEN status = 'verified' OR level = 2 THEN 'verified' WHEN status = 'reviewed' OR level = 1 THEN 'reviewed' ELSE status END AS status,
        source, note, batch, row
    FROM facts
    SEMI JOIN (SELECT batch FROM events WHERE event = 'received' AND id <= moment) USING (batch)
    ANTI JOIN (SELECT fact AS id FROM overridden WHERE since <= moment AND (until IS NULL OR until > moment)) USING (id)
    LEFT JOIN (
        SELECT batch, max(CASE event WHEN 'verified' THEN 2 ELSE 1 END) AS level
        FROM events WHERE event IN ('reviewed', 'verified') AND id <= moment GROUP BY batch
    ) USING (batch);
CREATE VIEW current_facts AS SELECT * FROM facts_at(2147483647);
-- Warnings that a row came in with, each with the reason that somebody gave for it ('': none yet).
CREATE TABLE warnings (
    batch INTEGER NOT NULL, row BIGINT NOT NULL, "column" VARCHAR NOT NULL, rule VARCHAR NOT NULL, value VARCHAR,
    reason VARCHAR NOT NULL, person VARCHAR NOT NULL
);
-- The mapping that was confirmed for files with these heads.
CREATE TABLE mappings (heads VARCHAR PRIMARY KEY, text VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL);
-- The day by which a period's facts are to be reported.
CREATE TABLE deadlines (period VARCHAR PRIMARY KEY, due VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL);
-- Facts rolled up to region and cycle by a rule (its digest), brought up to date with every batch.
CREATE TABLE rolled (
    rule VARCHAR NOT NULL, region VARCHAR NOT NULL, variable VARCHAR NOT NULL, cycle BIGINT NOT NULL, value DOUBLE,
    partial_period BOOLEAN NOT NULL, mixed_periods BOOLEAN NOT NULL, partial_sites BOOLEAN NOT NULL,
    differs_from_parts BOOLEAN NOT NULL, zero_division BOOLEAN NOT NULL
);
-- Of which region, variable and period there are facts that hold, as of the same event.
CREATE TABLE named (region VARCHAR NOT NULL, variable VARCHAR NOT NULL, period VARCHAR NOT NULL);
