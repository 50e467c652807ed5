// Package knowledge is the knowledge file and who finds what in it. Its matcher is
// keywords and stems, weighed by a linear classifier that is learned from the file
// while it loads, and BM25F, with a calibrated confidence (see package ranking). A
// [Base] is the file made ready to answer one audience.
//
// It talks to no chat platform, and of those there are it knows this much: a contact
// may have a channel of Slack and one of Discord, and in a question their marks, such
// as <!channel>, count as no words. It has no settings, and no sentences of the desk's
// own. Package bot calls it.
//
// # Rooms below
//
//	text/      the text tree: Markdown → tree, lengths, what can be printed
//	words/     tokens, stems, word frequencies, spelling
//	ranking/   what a question is for, among classes told by examples
//	parallel/  work on several processors
//
// None of them knows the file, and only ranking imports others: words and parallel.
//
// # From file to Base
//
//	open.go       the files that are read, from a path or a folder
//	bounds.go     how large a file may be, and which characters it may contain
//	syntax.go     bytes → a tree of YAML, or why the bytes are not YAML
//	cause.go      the cause of broken YAML, looked for in the lines of the file:
//	              causeindent.go lines that do not fit, causevalue.go texts and quotes,
//	              causebrackets.go lists and keys in brackets
//	read.go       the tree → [File], every mistake with its place
//	mismatch.go   a value of the wrong kind, an unknown key: what to write instead
//	places.go     the keys of the format, and where each belongs
//	lost.go       warnings about what a readable file loses, such as a value in a comment
//	schema.go     the format for editors, from schema.json
//	check.go      mistakes in a File that could be read
//	problem.go    a list of mistakes: its order, its length, its quotations
//	audience.go   who may see what of a File; the File as it is without the rest
//	passages.go   each text of a File, with who can read it
//	layer.go      what has the same readers is a layer
//	opened.go     what a new File shows to more people than an old one
//	collect.go    File → examples, phrases and items for the ranking
//	index.go      … and what all readers share
//	base.go       [Base]: the index as one audience sees it, made once and never changed
//	match.go      question → [Match], in the numbers of the Base
//	complete.go   what somebody may be about to name who has typed so far
//	trial.go      how well a file answers its own example questions
//	snapshot.go   one version of the file, with a Base for each audience
//	watch.go      when the file has changed
//
// Every name, alias, keyword, sentence and example question of a division is
// one example of it; so are the questions under declines for their topics, and
// background.txt for what no desk answers. divisions.yaml is the file that the
// program is shipped with.
package knowledge
