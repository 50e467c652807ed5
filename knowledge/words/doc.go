// Package words is what is known of words whatever they are said of: how a text is
// taken apart into words, what a word is without its inflection, how often it is
// said in English and so how much it can tell, which words only ask, and which word
// was meant by a misspelled one. It knows no knowledge file and no scores. Package
// knowledge and its ranking call it.
//
//	tokens.go      text → words: lower case, folded; what chat platforms mark is no word
//	stem.go        a word without its inflection (the only use of snowball)
//	ngrams.go      the pieces of two to four letters of a word
//	frequency.go   how often a word is said (english.txt), and how rare it is
//	asking.go      stop words, and the words that ask for something
//	distance.go    the edit distance of two words
//	spelling.go    the word that was meant by a misspelled one
//	code.go        whether a text is code rather than talk
package words
