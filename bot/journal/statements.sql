-- The statements of both engines. A parameter stands first where its number says.

-- name: take
INSERT INTO events (key, adapter, taken, state, channel, message, edited, answer, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING

-- name: mark
UPDATE events SET state = $2, answer = CASE WHEN $3 = '' THEN answer ELSE $3 END WHERE key = $1 AND state < 2

-- name: finish
UPDATE events SET state = $2, answer = CASE WHEN $3 = '' THEN answer ELSE $3 END, body = NULL WHERE key = $1

-- name: unfinished
SELECT key, adapter, taken, state, channel, message, edited, answer, body FROM events
WHERE adapter = $1 AND state < 2 ORDER BY taken, key

-- name: find
SELECT key, adapter, taken, state, channel, message, edited, COALESCE((SELECT a.answer FROM events a
	WHERE a.adapter = $1 AND a.channel = $2 AND a.message = $3 AND a.message <> '' AND a.answer <> ''
	ORDER BY a.edited DESC, a.taken DESC LIMIT 1), ''), body
FROM events WHERE adapter = $1 AND channel = $2 AND message = $3 AND message <> ''
ORDER BY edited DESC, taken DESC LIMIT 1

-- name: write
INSERT INTO journal (time, adapter, outcome, division, topic, chance, audience, version, took, asker, question,
	answer, words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: vote
INSERT INTO votes (answer, asker, up, time) VALUES ($1, $2, $3, $4)
ON CONFLICT (answer, asker) DO UPDATE SET up = excluded.up, time = excluded.time WHERE votes.up <> excluded.up

-- name: add_words
UPDATE journal SET words = COALESCE(words, $2), again = CASE WHEN $3 = 1 THEN 1 ELSE again END
WHERE question = $1 AND question <> '' AND outcome <> 'chosen'

-- name: forget_words
UPDATE journal SET words = NULL WHERE question = $1 AND question <> ''

-- name: forget_rows
DELETE FROM journal WHERE asker = $1

-- name: forget_votes
DELETE FROM votes WHERE asker = $1

-- name: rows
SELECT j.time, j.adapter, j.outcome, j.division, j.topic, j.chance, j.audience, j.version, j.took, j.asker,
	j.question, j.answer, j.words,
	(SELECT count(*) FROM votes v WHERE v.answer = j.answer AND v.up = 1 AND j.answer <> ''),
	(SELECT count(*) FROM votes v WHERE v.answer = j.answer AND v.up = 0 AND j.answer <> '')
FROM journal j WHERE j.time >= $1 ORDER BY j.time, j.id

-- name: stats
SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM events WHERE state < 2), (SELECT count(*) FROM journal),
	(SELECT count(*) FROM journal WHERE words IS NOT NULL), (SELECT count(*) FROM votes), (SELECT min(time) FROM journal)

-- name: gaps
SELECT j.time, j.asker, j.words, j.outcome, j.division, j.again FROM journal j
WHERE j.words IS NOT NULL AND j.time >= $1 AND (j.outcome <> 'answered' OR j.again = 1
	OR EXISTS (SELECT 1 FROM votes v WHERE v.answer = j.answer AND v.up = 0 AND j.answer <> ''))
ORDER BY j.time DESC LIMIT $2

-- name: ignore
INSERT INTO ignored (subject, time) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING

-- name: ignored
SELECT subject FROM ignored

-- name: keep_edit
INSERT INTO edits (id, time, person, patch, state) VALUES ($1, $2, $3, $4, $5)

-- name: edit
SELECT time, person, patch, state FROM edits WHERE id = $1

-- name: mark_edit
UPDATE edits SET state = $2, person = $3 WHERE id = $1

-- name: await
INSERT INTO awaited (adapter, person, question, time)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
WHERE (SELECT count(*) FROM awaited WHERE adapter = $1 AND person = $2) < $5 AND (SELECT count(*) FROM awaited) < $6
ON CONFLICT (adapter, person, question) DO NOTHING

-- name: awaits
SELECT count(*) FROM awaited WHERE adapter = $1 AND person = $2 AND question = $3

-- name: awaited
SELECT adapter, person, question, time FROM awaited ORDER BY time, adapter, person, question

-- name: told
DELETE FROM awaited WHERE adapter = $1 AND person = $2 AND question = $3

-- name: forget_awaited
DELETE FROM awaited WHERE adapter = $1 AND (person = $2 OR person LIKE '%:' || $2)

-- name: once
INSERT INTO once (key, time) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING

-- name: drop_awaited
DELETE FROM awaited WHERE (adapter, person, question) IN (
	SELECT adapter, person, question FROM awaited WHERE time < $1 LIMIT $2)

-- name: drop_edits
DELETE FROM edits WHERE id IN (SELECT id FROM edits WHERE time < $1 LIMIT $2)

-- name: drop_once
DELETE FROM once WHERE key IN (SELECT key FROM once WHERE time < $1 LIMIT $2)

-- name: give_up
UPDATE events SET state = 3, body = NULL
WHERE key IN (SELECT key FROM events WHERE state < 2 AND taken < $1 LIMIT $2)

-- name: drop_events
DELETE FROM events
WHERE key IN (SELECT key FROM events WHERE taken < $1 AND (message = '' OR taken < $2) LIMIT $3)

-- name: drop_words
UPDATE journal SET words = NULL
WHERE id IN (SELECT id FROM journal WHERE words IS NOT NULL AND time < $1 LIMIT $2)

-- name: drop_rows
DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE time < $1 LIMIT $2)

-- name: drop_votes
DELETE FROM votes WHERE (answer, asker) IN (SELECT answer, asker FROM votes WHERE time < $1 LIMIT $2)

-- name: drop_surplus
DELETE FROM journal
WHERE id IN (SELECT id FROM journal WHERE id <= (SELECT max(id) FROM journal) - $1 LIMIT $2)
