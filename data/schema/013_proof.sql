-- An objection is to an edition; it, and what a region reports as put right, may rest on evidence.
ALTER TABLE objections ADD COLUMN edition INTEGER DEFAULT 1;
ALTER TABLE objections ADD COLUMN evidence VARCHAR[] DEFAULT [];
ALTER TABLE rectification_steps ADD COLUMN evidence VARCHAR[] DEFAULT [];
UPDATE objections SET edition = coalesce(
    (SELECT max(p.edition) FROM publications AS p WHERE p.cycle = objections.cycle AND p.made <= objections.made), 1);
