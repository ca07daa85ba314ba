-- Why a lot was drawn as it was: the share, how many review each, who is kept apart.
ALTER TABLE draws ADD COLUMN reason VARCHAR DEFAULT '';
