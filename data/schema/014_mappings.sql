-- Whoever confirmed a mapping has their own suggested first, others the last one that is for all: by whoever moves the evaluation on.
-- Of those of before, which were for all, one by a person who was granted other roles, or parts, only is theirs alone.
CREATE TABLE mappings_next (
    heads VARCHAR NOT NULL, text VARCHAR NOT NULL, person VARCHAR NOT NULL, made VARCHAR NOT NULL, for_all BOOLEAN NOT NULL,
    PRIMARY KEY (heads, person)
);
INSERT INTO mappings_next SELECT m.heads, m.text, m.person, m.made,
        NOT EXISTS (SELECT 1 FROM grants AS g WHERE g.person = m.person)
        OR EXISTS (SELECT 1 FROM grants AS g WHERE g.person = m.person AND g.role = 'evaluator' AND g.region = '' AND g.cycles = [])
    FROM mappings AS m;
DROP TABLE mappings;
ALTER TABLE mappings_next RENAME TO mappings;
