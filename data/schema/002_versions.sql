-- Versions of the definitions, what was decided about each, and which cycles are published; nothing is ever changed.
CREATE TABLE revisions (
    number INTEGER PRIMARY KEY, digest VARCHAR NOT NULL, text VARCHAR NOT NULL, based_on INTEGER, author VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL, from_cycle VARCHAR NOT NULL
);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, decision VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
-- A published cycle keeps its definitions and the facts that had come in by then.
CREATE TABLE publications (
    cycle VARCHAR PRIMARY KEY, revision INTEGER NOT NULL, batch INTEGER NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
