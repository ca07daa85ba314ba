-- A lot may be drawn again where the cycle has gone back since; each keeps its pairs, and after which step it was drawn.
CREATE TABLE draws_next (
    cycle VARCHAR NOT NULL, number INTEGER NOT NULL, seed BIGINT NOT NULL, share DOUBLE NOT NULL, each INTEGER NOT NULL,
    apart VARCHAR[] NOT NULL, pairs VARCHAR[] NOT NULL, step INTEGER NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL,
    reason VARCHAR NOT NULL, PRIMARY KEY (cycle, number)
);
INSERT INTO draws_next SELECT d.cycle, 1, d.seed, d.share, d.each, d.apart,
        coalesce((SELECT list(a.reviewer || '/' || a.reviewed ORDER BY a.reviewed, a.reviewer) FROM assignments AS a
            WHERE a.cycle = d.cycle), []),
        coalesce((SELECT max(t.id) FROM transitions AS t WHERE t.cycle = d.cycle AND t.made <= d.made), 0),
        d.person, d.made, coalesce(d.reason, '')
    FROM draws AS d;
DROP TABLE draws;
ALTER TABLE draws_next RENAME TO draws;
