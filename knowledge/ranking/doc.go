// Package ranking finds what a question is for among classes that are told by
// examples. It is keywords and stems, weighed by a linear classifier that is learned
// from the examples while they are loaded, and BM25F, with a calibrated confidence.
//
// It knows no knowledge file, no places in one, no names of audiences and no Markdown:
// package knowledge collects a [Source] of plain texts from its file and turns the
// numbers of a [Match] into those that a reader knows. An [Index] is what all readers
// share; a [View] is what those see of it who see some of its layers.
//
// # From Source to View
//
//	source.go      what an index is made of: classes, examples, phrases, items, layers
//	index.go       Source → [Index] → [View]; lessons when somebody needs them
//	scope.go       what some readers see of all that follows
//	model.go       the examples' words, stems, pairs and n-grams, numbered
//	features.go    … and what each of these features weighs
//	evidence.go    BM25F: how much each stem speaks for each class
//	learn.go       what each feature says for each class, learned from the examples
//	svm.go         … as linear support vector machines
//	rows.go        … kept as sparse rows
//	calibrate.go   the examples answered by what was learned without them
//	held.go        … as others may look at them
//	prior.go       what the signals say before a file's own examples are looked at
//
// # From question to Match
//
//	score.go       words → a score for each class, by adding up rows
//	names.go       phrases of the source that stand in the question, and what it names
//	facet.go       whether it asks who leads, where, how many, …
//	confidence.go  score, lead, coverage … → the chance that the best is right
//	items.go       which responsibility of the division it is about
//	near.go        which near miss it is about
//	match.go       all of it → [Match]
//
// A score is a sum over the words of the question, so a Match can say why. It
// adds two views that err on different questions: a linear classifier over
// stems, pairs of stems and n-grams of words, and the BM25F evidence of each stem.
//
// # Layers
//
// An answer must not tell that there is more than its readers may see, not even by
// a number. A filter after matching would: a hidden example moves the weights of
// what is visible. A model for each audience would not, but takes ten megabytes for
// each combination of groups. So everything in the index belongs to a layer, which
// is what has the same readers. The public layer is learned as if there were no
// other. Each other layer has a lesson that is learned from all that its readers see,
// when the first of them asks, and kept as its differences from the lessons below it.
// What a reader does not see is passed over wherever the index is read.
//
// A view has its own BM25F lengths and inverse frequencies, and the confidence
// of the largest lesson it sees: some ten kilobytes. To readers of one group the
// index is what it would be if the rest had never been written. For readers of
// several the differences add up, which comes near to that.
//
// # Confidence
//
// Ranking is the easier half; knowing when not to answer is the harder one. A
// logistic model over some twenty signals gives the chance that the best
// division is right. It starts from what was found on four organizations of
// different fields (prior.go) and is fitted to the file's own example
// questions, each answered by what was learned without its fold. From the same
// answers follows the least chance that is answered: the lowest at which no
// more of the answers are false than the source allows.
package ranking
