// Package knowledge reads the knowledge file and finds what a question is about. A [Base]
// is the file, prepared for one audience: readers who belong to the same groups. The
// matcher (package ranking) looks at keywords and stems. It scores with two methods, a
// linear classifier that is learned from the file while it loads, and BM25F, and then
// estimates the chance that the best result is right.
//
// The package contains no settings and no sentences of the bot (see bot/voice.go). Of the chat
// platforms it knows two things: a contact may have a Slack channel and a Discord channel,
// and mentions in a question, such as <!channel>, are not words. Package bot calls it.
//
// # Packages below
//
//	text/      Markdown → a tree of blocks and spans; lengths, printable characters
//	words/     tokens, stems, n-grams, word frequencies, edit distance, spelling
//	ranking/   the matcher: question → the most likely of several classes, each a division,
//	           a declined topic, or what no division answers
//	parallel/  work in several goroutines
//
// None of these imports package knowledge. Only ranking imports another of the four: words
// and parallel. Package draft, which makes a first File of a table or a web page, does import
// it.
//
// # From YAML files to a File
//
//	open.go       file or folder → the bytes
//	watch.go      reports when these files have changed
//	bounds.go     the maximum sizes of a file, and the characters that it may contain
//	syntax.go     bytes → YAML tree, or the reason why the bytes are not YAML
//	cause.go      finds the cause of broken YAML in the lines of the file:
//	              causeindent.go indentation, causevalue.go texts and quotes,
//	              causebrackets.go lists and keys in brackets
//	read.go       YAML tree → [File], and all mistakes with their places
//	mismatch.go   advice on values of the wrong type and on unknown keys
//	places.go     the keys of the format, and where each belongs
//	lost.go       warnings about text that YAML ignores, such as a value after #
//	file.go       [File], its parts, and [Pos]
//	schema.go     the JSON Schema of the format for editors, schema.json
//	check.go      File → further mistakes, such as unknown ids
//	problem.go    the list of mistakes: its order, its maximum length, how it quotes the file
//
// # Edits
//
//	edit.go        [Change] and [Edit]: what an admin adds → a [Patch] of lines
//	editplan.go    what the edited File has more than the old one, and where the tree has room for it
//	editsource.go  where a value of the tree begins and ends in the bytes of the file
//	editwrite.go   writes lines, items in brackets, and keys beside those that are there
//	editstyle.go   quotes, and the width of lines
//	patch.go       a patch: as a diff, applied in memory, undone
//	patchwrite.go  writes a patch into the files, all or none; patchunix.go and patchother.go:
//	               locks, owners and rights of files, where the system has them
//	editable.go    whether the program may write a file
//
// # Audiences
//
//	audience.go   [Audience]; the part of a File that an audience sees
//	passages.go   all texts of a File, each with its readers
//	layer.go      a layer is all texts that have the same readers
//	opened.go     what a new File shows to more people than the old one
//
// # From File to answers
//
//	collect.go    File → what the ranking needs: examples of each class, phrases (names and
//	              keywords that are found as a whole), items (responsibilities and programs)
//	index.go      one index for everybody: the ranking and the completions
//	base.go       [Base]: the index restricted to one audience, immutable
//	match.go      question → [Match]
//	complete.go   what somebody types → completions
//	trial.go      how well a file answers its own example questions
//	snapshot.go   [Snapshot]: one version of the file, with a Base for each audience
//
// Each name, alias, keyword, sentence and example question of a division is an example of
// the division. The questions under the key declines: are examples of their topics, and those in
// background.txt are examples of what no division answers. divisions.yaml is the shipped
// knowledge file.
package knowledge
