-- Until a published cycle is public its moment of release may be moved; each move stays, with the moment before it.
CREATE TABLE releases (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, before VARCHAR NOT NULL, release VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
