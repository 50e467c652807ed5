package words

import (
	_ "embed"
	"encoding/binary"
	"math"
	"strings"
	"sync"
)

// Vectors of 40,000 words, by the contexts in which they occur: words of like meaning have
// vectors that point the same way. They are those of GloVe (Pennington, Socher and Manning
// 2014, in the public domain), of which the common mean and the two strongest directions
// are taken out (Mu and Viswanath 2018, "All-but-the-Top"), and the 64 next ones kept. Words
// for groups of people have none, see people.txt: their vectors carry the prejudice of the
// texts that they were learned from. .ci/vectors makes the table.
//
//go:embed vectors.bin
var vectorData string

// Dimensions is how many numbers a vector has.
const Dimensions = 64

// Vector is a word's, or a sum of them.
type Vector [Dimensions]float32

const (
	vectorHead = 8              // bytes: how many words there are, and how long their list is
	vectorRow  = 4 + Dimensions // bytes: the scale, and a number of one byte for each dimension
)

// vectorWords are the words that have a vector, in order.
var vectorWords = sync.OnceValue(func() []string {
	return strings.Split(vectorData[vectorHead:vectorHead+uint32At(4)], "\n")
})

func uint32At(at int) int {
	return int(binary.LittleEndian.Uint32([]byte(vectorData[at : at+4])))
}

// NoVector is the row of a word that has none.
const NoVector = -1

// VectorOf is the row of a word's vector, or [NoVector].
func VectorOf(word string) int32 {
	list := vectorWords()
	low, high := 0, len(list)
	for low < high {
		if middle := (low + high) / 2; list[middle] < word {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(list) || list[low] != word {
		return NoVector
	}
	return int32(low)
}

// AddRow adds a multiple of the vector in a row of the table.
func (v *Vector) AddRow(row int32, times float32) {
	at := vectorHead + uint32At(4) + int(row)*vectorRow
	times *= math.Float32frombits(uint32(uint32At(at)))
	data := vectorData[at+4 : at+vectorRow]
	for i := range v {
		v[i] += times * float32(int8(data[i]))
	}
}

// Add adds a multiple of another vector.
func (v *Vector) Add(other *Vector, times float32) {
	for i := range v {
		v[i] += times * other[i]
	}
}

// Dot is the product of two vectors.
func (v *Vector) Dot(other *Vector) (sum float32) {
	for i := range v {
		sum += v[i] * other[i]
	}
	return sum
}

// Unit brings a vector to length 1, and reports whether it has a direction.
func (v *Vector) Unit() bool {
	square := v.Dot(v)
	if square < 1e-12 {
		return false
	}
	times := float32(1 / math.Sqrt(float64(square)))
	for i := range v {
		v[i] *= times
	}
	return true
}

const (
	// phraseWeight is a in a/(a+p): what a word counts in the vector of a phrase, where p is
	// its share of all text (Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline").
	phraseWeight = 1e-3
	// unlisted is the frequency of a word that is not listed, on the Zipf scale.
	unlisted = 2.5
)

// PhraseWeight is what a word counts in the vector of a phrase, from 0 to 1.
func PhraseWeight(word string) float32 {
	zipf := float64(Frequency(word))
	if zipf == 0 {
		zipf = unlisted
	}
	return float32(phraseWeight / (phraseWeight + math.Pow(10, zipf-9)))
}

// VectorWords lists the words that have a vector, each at the index that is its row. It must
// not be changed.
func VectorWords() []string { return vectorWords() }
