// Package words knows words independently of any knowledge file: how to split a text into
// tokens, what the stem and the n-grams of a word are, how frequent it is in English,
// which words are stop words, and how to correct a misspelled one. It computes no scores
// and imports no other package of this program. Package knowledge and its ranking call it.
//
//	tokens.go      text → tokens: split, folded, without the mentions of chat platforms
//	stem.go        word → stem (the only use of snowball)
//	ngrams.go      word → n-grams of two to four characters
//	frequency.go   word → its frequency in English (english.txt) and its rarity
//	asking.go      stop words, and words that show what kind of thing is asked for
//	distance.go    the edit distance of two words
//	spelling.go    misspelled word → the nearest word of a vocabulary
//	code.go        whether a text is code and not a question
//	errand.go      whether a text is an order and not a question
//	vectors.go     word → its vector (vectors.bin), by which words of like meaning are near
//	people.go      words for groups of people (people.txt), which have no vector
package words
