-- A rating says for which of those who were drawn it is given; '' where that was not written down.
ALTER TABLE ratings ADD COLUMN reviewer VARCHAR DEFAULT '';
