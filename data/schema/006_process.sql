-- Where a cycle stands in the evaluation; a step, forward or back, is added with its reason and never changed.
CREATE TABLE transitions (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, before VARCHAR NOT NULL, stage VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL, deadline VARCHAR NOT NULL
);
-- Whoever may conclude has approved a cycle's results, as they stood after a step (its number), an event and by definitions (SHA-256).
CREATE TABLE conclusions (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, transition INTEGER NOT NULL, event INTEGER NOT NULL, definitions VARCHAR NOT NULL,
    person VARCHAR NOT NULL, made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
-- What reviewers say of a fact or a score, whether they agree or escalate, and their own ratings.
CREATE TABLE draws (
    cycle VARCHAR PRIMARY KEY, seed BIGINT NOT NULL, share DOUBLE NOT NULL, each INTEGER NOT NULL, apart VARCHAR[] NOT NULL,
    person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
CREATE TABLE remarks (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, code VARCHAR NOT NULL, period VARCHAR NOT NULL,
    site VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, verdict VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, code VARCHAR NOT NULL, rating DOUBLE NOT NULL,
    person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
-- Points that are given or taken for a reason; they count once they are agreed on, and no fact is ever edited.
CREATE TABLE adjustments (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, node VARCHAR NOT NULL, points DOUBLE NOT NULL,
    reason VARCHAR NOT NULL, evidence VARCHAR[] NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
-- Files that prove something; they lie beside the store under their SHA-256.
CREATE TABLE evidence (
    digest VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, size BIGINT NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
CREATE TABLE adjustment_decisions (
    id INTEGER PRIMARY KEY, adjustment INTEGER NOT NULL, decision VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
CREATE VIEW adjusted AS
    SELECT a.*, coalesce(d.decision, 'proposed') AS state, coalesce(d.id, 0) AS decided, coalesce(d.person, '') AS decider,
        coalesce(d.reason, '') AS answer
    FROM adjustments AS a LEFT JOIN (
        SELECT * FROM adjustment_decisions QUALIFY row_number() OVER (PARTITION BY adjustment ORDER BY id DESC) = 1
    ) AS d ON d.adjustment = a.id;
-- A published cycle may have later editions; each keeps its definitions, facts and adjustments. `release`: not before.
CREATE TABLE publications_next (
    cycle VARCHAR NOT NULL, edition INTEGER NOT NULL, revision INTEGER NOT NULL, batch INTEGER NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, event INTEGER, adjusted INTEGER NOT NULL, reason VARCHAR NOT NULL, release VARCHAR NOT NULL,
    PRIMARY KEY (cycle, edition)
);
INSERT INTO publications_next SELECT cycle, 1, revision, batch, person, made, event, 0, '', '' FROM publications;
DROP TABLE publications;
ALTER TABLE publications_next RENAME TO publications;
CREATE VIEW published AS
    SELECT * FROM publications QUALIFY row_number() OVER (PARTITION BY cycle ORDER BY edition DESC) = 1;
-- What a region objects to in a published result, and what is to be put right, each with what became of it.
CREATE TABLE objections (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, code VARCHAR NOT NULL, text VARCHAR NOT NULL,
    person VARCHAR NOT NULL, made VARCHAR NOT NULL, due VARCHAR NOT NULL
);
CREATE TABLE objection_answers (
    objection INTEGER PRIMARY KEY, outcome VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
CREATE TABLE rectifications (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, region VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, due VARCHAR NOT NULL
);
CREATE TABLE rectification_steps (
    id INTEGER PRIMARY KEY, rectification INTEGER NOT NULL, state VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL
);
-- What is announced of a cycle, each edited version, and the signature of the one that is published with it.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, cycle VARCHAR NOT NULL, lang VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL,
    made VARCHAR NOT NULL, reason VARCHAR NOT NULL
);
CREATE TABLE notice_signatures (
    notice INTEGER PRIMARY KEY, signature VARCHAR NOT NULL, key VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL
);
