// Package knowledge is the knowledge file and the art of finding the right
// division in it. It knows words, not people: no chat platform, no settings,
// no sentences of the desk's own. Package bot calls it.
//
// # From file to Base
//
//	open.go       which files are read, and no more than may be
//	guard.go      how much a file may have of what, and which characters
//	syntax.go     bytes → a tree of YAML, or why it is none
//	read.go       the tree → [File], every mistake with its place
//	schema.go     what an editor is told of the same format
//	check.go      what is wrong with a File that could be read
//	problem.go    how what is wrong is collected, quoted and told
//	audience.go   who may see what of a File; the File as it is without the rest
//	layer.go      … what has the same readers is a layer
//	index.go      File → examples → index, which all readers share
//	model.go      the examples' words, stems, pairs and pieces, numbered
//	features.go   … and what each of these features weighs
//	evidence.go   how much each stem speaks for each class, by the classic formula
//	learn.go      what each word and piece of a word says for each class, learned from
//	              the examples while the file loads; svm.go: by this method; rows.go: kept so
//	calibrate.go  … and tried on examples left out, to know how far to trust it
//	base.go       [Base]: the index as one audience sees it, made once and never changed
//	opened.go     what a new File shows to more people than an old one did
//	passages.go   … each text of a File with who can read it
//	edition.go    one version of the file, with a Base for each audience
//	crew.go       work on several processors
//	watch.go      when there is another version
//
// Every name, alias, keyword, sentence and example question of a division is
// one example of it; so are the questions under declines for their topics, and
// background.txt for what no desk answers.
//
// # Who sees what
//
// An answer must not tell that there is more than its readers may see, not even by
// a number. A filter after matching would: a hidden example moves the weights of
// what is visible. A model for each audience would not, but takes ten megabytes for
// each combination of groups. So everything in the index belongs to a layer, which
// is what has the same marks and so the same readers. The public layer is learned as
// if there were no other. Each other layer has a lesson that is learned from all
// that its readers see, when the first of them asks, and kept as its differences
// from the lessons below it. What a reader does not see is passed over wherever the
// index is read.
//
// An audience has its own BM25F lengths and inverse frequencies, and the confidence
// of the largest lesson it sees: some ten kilobytes. To readers of one group the
// desk is what it would be if the rest had never been written. For readers of
// several the differences add up, which comes near to that.
//
// # From question to Match
//
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
