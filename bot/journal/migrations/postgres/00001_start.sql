-- +goose Up
CREATE TABLE events (
	key     TEXT PRIMARY KEY,
	adapter TEXT NOT NULL,
	taken   BIGINT NOT NULL, -- milliseconds since 1970, as all times
	state   INTEGER NOT NULL,
	channel TEXT NOT NULL,
	message TEXT NOT NULL,
	edited  TEXT NOT NULL,
	answer  TEXT NOT NULL,
	body    BYTEA
);
CREATE INDEX events_unfinished ON events (adapter, taken) WHERE state < 2;
CREATE INDEX events_question ON events (adapter, channel, message) WHERE message <> '';
CREATE INDEX events_taken ON events (taken);

CREATE TABLE journal (
	id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	time     BIGINT NOT NULL,
	adapter  TEXT NOT NULL,
	outcome  TEXT NOT NULL,
	division TEXT NOT NULL,
	topic    TEXT NOT NULL,
	chance   DOUBLE PRECISION NOT NULL,
	audience TEXT NOT NULL,
	version  TEXT NOT NULL,
	took     BIGINT NOT NULL, -- microseconds
	asker    TEXT NOT NULL,
	question TEXT NOT NULL,
	answer   TEXT NOT NULL,
	words    TEXT
);
CREATE INDEX journal_time ON journal (time);
CREATE INDEX journal_asker ON journal (asker);
CREATE INDEX journal_question ON journal (question) WHERE question <> '';
CREATE INDEX journal_words ON journal (time) WHERE words IS NOT NULL;

CREATE TABLE votes (
	answer TEXT NOT NULL,
	asker  TEXT NOT NULL,
	up     INTEGER NOT NULL,
	time   BIGINT NOT NULL,
	PRIMARY KEY (answer, asker)
);
CREATE INDEX votes_time ON votes (time);
CREATE INDEX votes_asker ON votes (asker);

-- +goose Down
DROP TABLE votes;
DROP TABLE journal;
DROP TABLE events;
