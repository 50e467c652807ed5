// Package knowledge is the knowledge file and the art of finding the right
// division in it. It knows words, not people: no chat platform, no settings,
// no sentences of the desk's own. Package bot calls it.
//
// # From file to Base
//
//	read.go       bytes → [File], every mistake with its place
//	guard.go      … but for files that would overflow or stall the YAML library
//	check.go      what is wrong with a File that could be read
//	text.go       the file's Markdown → [Text], a tree without markup
//	base.go       File → examples → [Base], made once and never changed
//	model.go      what each word and piece of a word says for each class
//	evidence.go   … by the classic formula
//	learn.go      … learned from the examples while the file loads
//	calibrate.go  … and tried on examples left out, to know how far to trust it
//	audience.go   the File as it would be without what some readers may not see
//	edition.go    one version of the file, with a Base for each audience
//	watch.go      when there is another version
//
// Every name, alias, keyword, sentence and example question of a division is
// one example of it; so are the questions under declines for their topics, and
// background.txt for what no desk answers.
//
// # From question to Match
//
//	words.go       text → words, stems, pieces; misspellings; how telling a word is
//	score.go       words → a score for each class, by adding up rows
//	names.go       divisions and programs that the question names
//	facet.go       whether it asks who leads, where, how many, …
//	confidence.go  score, lead, coverage … → the chance that the best is right
//	items.go       which responsibility of the division it is about
//	match.go       all of it → [Match]
//
// A score is a sum over the words of the question, so a Match can say why. It
// adds two views that err on different questions: a linear classifier over
// stems, pairs of stems and pieces of words, and BM25F evidence of each stem.
//
// # Confidence
//
// Ranking is the easier half; knowing when not to answer is the harder one. A
// logistic model over some twenty signals gives the chance that the best
// division is right. It starts from what was found on four organizations of
// different fields (prior.go) and is fitted to the file's own example
// questions, each answered by what was learned without its fold. From the same
// answers follows the least chance that is answered: the lowest at which no
// more of the answers are false than the file's budget (false_answers) allows.
package knowledge
