-- Deadlines are added to and never changed: the newest of a period holds, and an empty `due` takes it away.
CREATE TABLE deadlines_next (
    id INTEGER PRIMARY KEY, period VARCHAR NOT NULL, due VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
INSERT INTO deadlines_next
    SELECT row_number() OVER (ORDER BY made, period)::INTEGER, period, due, person, made, '' FROM deadlines;
DROP TABLE deadlines;
ALTER TABLE deadlines_next RENAME TO deadlines;
