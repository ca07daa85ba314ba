-- A verdict says for which of those who were drawn it is given, and after which step of the cycle.
CREATE TABLE verdicts_next (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, reviewer VARCHAR NOT NULL, verdict VARCHAR NOT NULL,
    step INTEGER NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
INSERT INTO verdicts_next
    SELECT id, cycle, region,
        CASE WHEN verdict = 'settle' THEN ''
            ELSE coalesce((SELECT min(a.reviewer) FROM assignments AS a WHERE a.cycle = v.cycle AND a.reviewed = v.region), '') END,
        verdict, coalesce((SELECT max(t.id) FROM transitions AS t WHERE t.cycle = v.cycle AND t.made < v.made), 0), person, made, reason
    FROM verdicts AS v;
DROP TABLE verdicts;
ALTER TABLE verdicts_next RENAME TO verdicts;
