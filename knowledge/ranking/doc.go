// Package ranking finds what a question is for among classes that are told by
// examples. It adds up three estimates: a linear classifier over stems, pairs of stems
// and n-grams, learned from the examples while they are loaded; BM25F; and the cosine of
// word vectors. A calibrated confidence says how far to trust the best.
//
// A class is a division, a declined topic, the built-in background (what people write that
// is for nobody), or "one of the divisions, whichever". An example is a text that belongs to
// a class: an example question, a keyword, a name. Example questions fall into five folds,
// and each is answered once by what was learned without its fold. A near miss is a question
// that comes near to a division, which the file gives an answer of its own.
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
//	features.go    what each of these features weighs
//	evidence.go    BM25F: how much each stem speaks for each class
//	meaning.go     the directions of the classes among word vectors
//	learn.go       what each feature says for each class, learned from the examples
//	svm.go         the learning itself: linear support vector machines
//	rows.go        what was learned, kept as sparse rows
//	calibrate.go   the examples answered by what was learned without them
//	held.go        those answers, for eval
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
//	explain.go     what each word adds to a score
//
// A score is the sum of what the three estimates say, and each of those is a sum over the
// words of the question, so a Match can say why. They err on different questions. Words
// that the file has outvote those that only mean about the same: the cosine adds at most
// 1.2 to a score.
//
// A class has as many samples against it as twice its own weight, if need be samples without
// a word. So a division with few words, which has few rivals to be told from, does not come
// first by its bias where no word tells anything.
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
// A [View] has its own BM25F lengths and inverse frequencies, and the confidence of the
// largest lesson it sees: some ten kilobytes. To readers of one group the index is what it
// would be if the rest had never been written. For readers of several the differences add
// up, so the result is only approximately the same; nothing hidden from them enters it.
//
// # Confidence
//
// Ranking is the easier half; knowing when not to answer is the harder one. A logistic model
// over some thirty signals gives the chance that the best division is right. Among them is
// what kind of file it is (divisions, keywords and questions a division, declined topics),
// since a lead means less where little is said of anything. The model starts from what was
// found on twelve organizations of different fields, each in seven sizes of its file
// (prior.go), and is fitted to the file's own example questions: each answered by what was
// learned without its fold, and once more without its division, which is how a question
// looks that is near to a division and for none.
//
// The threshold is the lowest chance at which no more of the answers are expected to be
// false than the source allows. A file with too few example questions gets one that follows
// from the same share alone. Below it a division is suggested while its chance is at least a
// quarter of the threshold.
//
// An answer that reaches the threshold is still only suggested where BM25F puts the
// runner-up level with it or well before it, which most often is a near miss, and where the
// question is an order to the bot. Nothing is answered where the division has none of the
// question's telling words and no word vector says that it is about the same.
package ranking
