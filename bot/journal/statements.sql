-- The statements of both engines. {{now}} is the
-- time of the database in milliseconds since 1970, which is the same for all processes, and
-- {{skip locked}} leaves out rows that another process is changing, where that can be.

-- name: take
INSERT INTO events (key, adapter, taken, state, channel, message, edited, answer, body, owner, claimed_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {{now}} + $11) ON CONFLICT (key) DO NOTHING

-- name: posting
UPDATE events SET state = 1, answer = CASE WHEN $4 = '' THEN answer ELSE $4 END, claimed_until = {{now}} + $3
WHERE key = $1 AND owner = $2 AND state < 2

-- name: finish
UPDATE events SET state = $2, answer = CASE WHEN $3 = '' THEN answer ELSE $3 END, body = NULL
WHERE key = $1 AND owner = $4 AND state < 2

-- name: finish_lost
UPDATE events SET state = $2, answer = CASE WHEN answer = '' THEN $3 ELSE answer END, body = NULL
WHERE key = $1 AND owner <> $4

-- name: claim
UPDATE events SET owner = $2, claimed_until = {{now}} + $3 WHERE key IN (
	SELECT key FROM events WHERE adapter = $1 AND state < 2 AND ($4 = 1 OR $5 = 1 AND owner = $2
		OR claimed_until <= CASE WHEN $6 = 1 THEN {{now}} ELSE 0 END AND (owner <> '' OR taken <= {{now}} - $3))
	ORDER BY taken, key LIMIT $7 {{skip locked}})
RETURNING key, adapter, taken, state, channel, message, edited, answer, body

-- name: renew
UPDATE events SET claimed_until = CASE WHEN $2 = 0 THEN 0 ELSE {{now}} + $2 END WHERE owner = $1 AND state < 2

-- name: leave
UPDATE events SET claimed_until = 0, owner = owner || ' left', state = $3 WHERE key = $1 AND owner = $2 AND state < 2

-- name: versions
SELECT key, adapter, taken, state, channel, message, edited, answer, body FROM events
WHERE adapter = $1 AND channel = $2 AND message = $3 AND message <> '' ORDER BY edited DESC, taken DESC LIMIT $4

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
UPDATE journal SET words = NULL, question = '' WHERE question = $1 AND question <> ''

-- name: voted_down
SELECT answer FROM votes WHERE time >= $1 AND up = 0 ORDER BY time DESC LIMIT $2

-- name: asked
SELECT asker, question, time FROM journal WHERE time >= $1 AND outcome <> 'chosen' ORDER BY time DESC LIMIT $2

-- name: answered
SELECT asker, question, words FROM journal
WHERE answer = $1 AND answer <> '' AND words IS NOT NULL AND outcome <> 'chosen' ORDER BY time DESC LIMIT 1

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
INSERT INTO once (key, time) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET time = excluded.time WHERE once.time < $3

-- name: done
SELECT count(*) FROM once WHERE key = $1 AND time >= $2

-- name: again
DELETE FROM once WHERE key = $1

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

-- name: seen
INSERT INTO replicas (name, version, file, seen) VALUES ($1, $2, $3, {{now}})
ON CONFLICT (name) DO UPDATE SET version = excluded.version, file = excluded.file, seen = excluded.seen

-- name: drop_replicas
DELETE FROM replicas WHERE name = $1 OR seen < {{now}} - $2

-- name: replicas
SELECT name, version, file, seen FROM replicas WHERE seen >= {{now}} - $1 ORDER BY name
