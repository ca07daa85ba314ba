-- Who may do what where and until when; a grant is never changed, and ends by a revocation.
CREATE TABLE grants (
    number INTEGER PRIMARY KEY, person VARCHAR NOT NULL, role VARCHAR NOT NULL, region VARCHAR NOT NULL, cycles VARCHAR[] NOT NULL,
    provisional BOOLEAN NOT NULL, since VARCHAR NOT NULL, until VARCHAR NOT NULL, giver VARCHAR NOT NULL, made VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
CREATE TABLE revocations (number INTEGER PRIMARY KEY, giver VARCHAR NOT NULL, made VARCHAR NOT NULL, reason VARCHAR NOT NULL);
-- Who reviews whom in a cycle, as it was drawn.
CREATE TABLE assignments (
    cycle VARCHAR NOT NULL, reviewer VARCHAR NOT NULL, reviewed VARCHAR NOT NULL, seed BIGINT NOT NULL, giver VARCHAR NOT NULL,
    made VARCHAR NOT NULL, PRIMARY KEY (cycle, reviewer, reviewed)
);
