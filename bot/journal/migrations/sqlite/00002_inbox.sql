-- +goose Up
ALTER TABLE journal ADD COLUMN again INTEGER NOT NULL DEFAULT 0; -- 1: the same person asked again in other words

CREATE TABLE ignored (
	subject TEXT PRIMARY KEY,
	time    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE edits (
	id     TEXT PRIMARY KEY,
	time   BIGINT NOT NULL,
	person TEXT NOT NULL,
	patch  BLOB NOT NULL,
	state  INTEGER NOT NULL
);

CREATE TABLE awaited (
	adapter  TEXT NOT NULL,
	person   TEXT NOT NULL,
	question TEXT NOT NULL,
	time     BIGINT NOT NULL,
	PRIMARY KEY (adapter, person, question)
) WITHOUT ROWID;

CREATE TABLE once (
	key  TEXT PRIMARY KEY,
	time BIGINT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE once;
DROP TABLE awaited;
DROP TABLE edits;
DROP TABLE ignored;
ALTER TABLE journal DROP COLUMN again;
