-- Evidence is called, for each row that rests on it, as whoever put it there called it, however many rest on the same bytes.
CREATE TABLE evidence_next (
    kind VARCHAR NOT NULL, number INTEGER NOT NULL, digest VARCHAR NOT NULL, name VARCHAR NOT NULL, size BIGINT NOT NULL,
    person VARCHAR NOT NULL, made VARCHAR NOT NULL, PRIMARY KEY (kind, number, digest)
);
-- Of those of before the name is known where the same person put them there; of the others it may be another region's.
INSERT INTO evidence_next
    SELECT r.kind, r.number, e.digest, max(CASE WHEN r.person = e.person THEN e.name ELSE '' END), e.size,
        arg_min(r.person, r.made), min(r.made)
    FROM (
        SELECT 'adjustments' AS kind, id AS number, unnest(evidence) AS digest, person, made FROM adjustments
        UNION ALL SELECT 'objections', id, unnest(evidence), person, made FROM objections
        UNION ALL SELECT 'rectifications', rectification, unnest(evidence), person, made FROM rectification_steps
    ) AS r JOIN evidence AS e USING (digest) GROUP BY ALL;
DROP TABLE evidence;
ALTER TABLE evidence_next RENAME TO evidence;
