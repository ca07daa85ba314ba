-- The first schema: regions, sites, facts by batch, what was refused, settings.
CREATE TABLE settings (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE regions (
    code VARCHAR PRIMARY KEY, name_zh VARCHAR NOT NULL, name_en VARCHAR NOT NULL, parent VARCHAR,
    valid_from VARCHAR, valid_to VARCHAR, successor VARCHAR
);
CREATE TABLE region_attributes (region VARCHAR NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (region, name));
CREATE TABLE areas (area VARCHAR PRIMARY KEY, name_zh VARCHAR NOT NULL, name_en VARCHAR NOT NULL);
CREATE TABLE area_regions (area VARCHAR NOT NULL, region VARCHAR NOT NULL, PRIMARY KEY (area, region));
CREATE TABLE sites (region VARCHAR NOT NULL, code VARCHAR NOT NULL, name_zh VARCHAR, name_en VARCHAR, PRIMARY KEY (region, code));
CREATE TABLE batches (
    id INTEGER PRIMARY KEY, file VARCHAR NOT NULL, digest VARCHAR NOT NULL UNIQUE, sender VARCHAR NOT NULL, received VARCHAR NOT NULL,
    read BIGINT NOT NULL, accepted BIGINT NOT NULL, rejected BIGINT NOT NULL
);
-- Append-only: a newer batch's value of the same region, site, period and variable goes before an older one's.
CREATE TABLE facts (
    region VARCHAR NOT NULL, site VARCHAR, period VARCHAR NOT NULL, variable VARCHAR NOT NULL, value DOUBLE,
    status VARCHAR NOT NULL, source VARCHAR, note VARCHAR, batch INTEGER NOT NULL, row BIGINT NOT NULL
);
CREATE TABLE rejections (batch INTEGER NOT NULL, row BIGINT NOT NULL, "column" VARCHAR NOT NULL, rule VARCHAR NOT NULL, value VARCHAR);
CREATE VIEW current_facts AS
    SELECT * FROM facts
    QUALIFY row_number() OVER (PARTITION BY region, site, period, variable ORDER BY batch DESC) = 1;
