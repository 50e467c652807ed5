-- +goose Up
CREATE INDEX journal_answer ON journal (answer) WHERE answer <> '';

-- Who works on an event, and until when nobody else does; 0: it is left to others. There is no index of it,
-- so that renewing a claim changes no index.
ALTER TABLE events ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;

CREATE TABLE replicas (
	name    TEXT PRIMARY KEY,
	version TEXT NOT NULL, -- of the program
	file    TEXT NOT NULL, -- version of the knowledge file
	seen    BIGINT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE replicas;
DROP INDEX journal_answer;
ALTER TABLE events DROP COLUMN claimed_until;
ALTER TABLE events DROP COLUMN owner;
