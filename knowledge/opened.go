package knowledge

import (
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"frontdesk/knowledge/text"
	"frontdesk/knowledge/words"
)

// Opened lists what a new file shows to more people than an old one, one sentence each:
// parts of both files that more audiences may see, and places of the new file, in any
// part, that tell readers what was hidden from them. It considers readers of every
// combination of groups. The names in the sentences are those of the new file; they
// quote nothing else of it.
//
// In the new file it searches for the sentences of hidden texts that have at most run
// words, for every run of words in longer sentences, and for numbers and addresses.
// Case and the characters between words do not matter. What the same readers saw before
// does not count. A common word, or a short sentence of common words, counts only as a
// whole sentence, because an ordinary edit must not look like a leak.
func Opened(before, after *File) []string {
	o := opening{
		seed: maphash.MakeSeed(), secrets: map[uint64]*secret{}, parts: map[string]*secret{},
		reaches: map[string]*reach{}, same: map[*reach]*reach{}, known: map[comparison]newReaders{},
		shown: map[string][]string{}, reveals: map[string][]string{}, inPublic: map[string]bool{},
	}
	before.passages(o.addSecrets)
	before.passages(o.addPlaces)
	after.passages(o.compare)
	return o.sentences(before, after)
}

const (
	// run is a number of consecutive words that two sentences rarely share by chance.
	run = 5
	// mostPlaces is how many places of a secret are compared with a new one. If it had more,
	// Opened may list readers who saw it before.
	mostPlaces = 100
	fewPlaces  = 16 // up to 16 places are a list, more are a map
	// From these rarities on a word counts as uncommon: minNameRarity for a single word of a
	// name, keyword or synonym, minRarity for other words. "Midnight" reaches the latter,
	// "severance" both, "letter" none.
	minRarity     = 0.6
	minNameRarity = 0.95
	// minDigits is how many digits a number has that identifies something; a year has four.
	minDigits = 5
	// localDigits is how many last digits of two telephone numbers are equal if the numbers
	// are, with or without the country.
	localDigits = 7
)

// secret is something that was hidden from somebody.
type secret struct {
	whole  bool            // it counts only as a whole sentence
	before []*reach        // the reaches of the places where it was
	more   map[*reach]bool // the same as a set, if there are many
	sum    uint64          // the sum of their hashes
}

// wasAt reports whether a secret was at a place with this reach.
func (s *secret) wasAt(r *reach) bool {
	return s.more[r] || s.more == nil && slices.Contains(s.before, r)
}

// opening compares two files.
type opening struct {
	seed    maphash.Seed
	secrets map[uint64]*secret // by the hash of their words
	parts   map[string]*secret // the parts of the old file
	reaches map[string]*reach  // by key
	same    map[*reach]*reach  // to the equal one in reaches
	known   map[comparison]newReaders
	words   []string // of the sentence that is compared
	hashes  []uint64 // of the words of the passage

	shown    map[string][]string // by part: the readers who now see it and did not
	reveals  map[string][]string // by place: the readers to whom it shows what was hidden from them
	inPublic map[string]bool     // places that tell in public what was only answered in private
}

// comparison is the comparison of a reach with all reaches of a secret.
type comparison struct {
	now *reach
	sum uint64
}

// newReaders is the result of a comparison.
type newReaders struct {
	readers  []string // those to whom the secret is new
	inPublic bool     // some readers saw it only in private before
}

// reachOf returns the one reach that represents all equal ones.
func (o *opening) reachOf(p *passage) *reach {
	r, ok := o.same[p.reach]
	if !ok {
		key := p.reach.key()
		if r, ok = o.reaches[key]; !ok {
			r = p.reach
			o.reaches[key] = r
		}
		o.same[p.reach] = r
	}
	return r
}

// addPlace adds a place with this reach to a secret.
func (o *opening) addPlace(s *secret, r *reach) {
	if s.wasAt(r) {
		return
	}
	s.before = append(s.before, r)
	s.sum += o.hash(r.key())
	if s.more != nil {
		s.more[r] = true
	} else if len(s.before) > fewPlaces {
		s.more = map[*reach]bool{}
		for _, r := range s.before {
			s.more[r] = true
		}
	}
}

// newTo returns the readers of a reach to whom a secret is new.
func (o *opening) newTo(now *reach, s *secret) (v newReaders) {
	if s.wasAt(now) {
		return v
	}
	c := comparison{now, s.sum}
	if v, ok := o.known[c]; ok {
		return v
	}
	for _, a := range now.readers() {
		sawIt, inPublic := false, false
		for _, r := range s.before[:min(len(s.before), mostPlaces)] {
			if r.sees(a) {
				sawIt, inPublic = true, inPublic || !r.private
			}
		}
		switch {
		case !sawIt:
			v.readers = append(v.readers, a.String())
		case !inPublic && !now.private:
			v.inPublic = true
		}
	}
	o.known[c] = v
	return v
}

// hash is the hash of consecutive words.
func (o *opening) hash(words ...string) (h uint64) {
	for _, w := range words {
		h = next(h, maphash.String(o.seed, w))
	}
	return h
}

// next is the hash of words with the hash h, followed by one with the hash word.
func next(h, word uint64) uint64 { return bits.RotateLeft64(h, 5)*0x9e3779b97f4a7c15 + word }

// addSecrets adds the secrets in a passage of the old file.
func (o *opening) addSecrets(p *passage) {
	r := o.reachOf(p)
	if o.parts[p.part] == nil {
		o.parts[p.part] = &secret{}
	}
	o.addPlace(o.parts[p.part], r)
	if r.open() {
		return
	}
	for _, sentence := range text.Sentences(p.plain()) {
		words := wordsOf(o.words[:0], sentence)
		o.addSecret(len(words) > run || !hasUncommon(p.is, words), words...)
		for i := 0; len(words) > run && i+run <= len(words); i++ {
			if some := words[i : i+run]; hasUncommon(isContent, some) {
				o.addSecret(false, some...)
			}
		}
		for i := range words {
			if p.is == isNamed && hasUncommon(isNamed, words[i:i+1]) {
				o.addSecret(false, words[i])
			}
		}
		o.words = words
	}
	for _, id := range identifiersIn(p.text) {
		o.addSecret(false, id)
	}
}

func (o *opening) addSecret(whole bool, words ...string) {
	if len(words) == 0 {
		return
	}
	key := o.hash(words...)
	if s := o.secrets[key]; s == nil {
		o.secrets[key] = &secret{whole: whole}
	} else {
		s.whole = s.whole && whole
	}
}

// find calls each with every secret in a passage.
func (o *opening) find(p *passage, each func(s *secret, whole bool)) {
	if len(o.secrets) == 0 {
		return
	}
	o.hashes = o.hashes[:0]
	for _, sentence := range text.Sentences(p.plain()) {
		h := uint64(0)
		o.words = wordsOf(o.words[:0], sentence)
		for _, w := range o.words {
			word := maphash.String(o.seed, w)
			h = next(h, word)
			o.hashes = append(o.hashes, word)
		}
		if s := o.secrets[h]; s != nil {
			each(s, true)
		}
	}
	for i := range o.hashes { // runs may cross the ends of sentences, so a full stop hides nothing
		h := uint64(0)
		for _, word := range o.hashes[i:min(i+run, len(o.hashes))] {
			h = next(h, word)
			if s := o.secrets[h]; s != nil {
				each(s, false)
			}
		}
	}
	for _, id := range identifiersIn(p.text) {
		if s := o.secrets[o.hash(id)]; s != nil {
			each(s, false)
		}
	}
}

// addPlaces adds the places of the secrets in a passage of the old file.
func (o *opening) addPlaces(p *passage) {
	r := o.reachOf(p)
	o.find(p, func(s *secret, _ bool) { o.addPlace(s, r) })
}

// compare adds the readers to whom a passage of the new file shows more than the old one.
func (o *opening) compare(p *passage) {
	now := o.reachOf(p)
	if part := o.parts[p.part]; part != nil && p.part != "" {
		o.shown[p.part] = append(o.shown[p.part], o.newTo(now, part).readers...)
	}
	if len(o.shown[p.part]) > 0 {
		return // its texts need not be compared
	}
	o.find(p, func(s *secret, whole bool) {
		if s.whole && !whole {
			return
		}
		v := o.newTo(now, s)
		if v.inPublic {
			o.inPublic[p.where] = true
		}
		if slices.Contains(o.reveals[p.where], Public) {
			return
		}
		for _, reader := range v.readers {
			if !slices.Contains(o.reveals[p.where], reader) {
				o.reveals[p.where] = append(o.reveals[p.where], reader)
			}
		}
	})
}

// sentences lists what was found, sorted.
func (o *opening) sentences(before, after *File) []string {
	found := map[string]bool{}
	to := func(readers []string) string {
		if slices.Contains(readers, Public) {
			return Public
		}
		slices.Sort(readers)
		readers = slices.Compact(readers)
		const most = 10
		if more := len(readers) - most; more > 0 {
			readers = append(readers[:most:most], "others")
		}
		return strings.Join(readers, ", ")
	}
	for part, readers := range o.shown {
		if len(readers) > 0 {
			found[part+" is now shown to "+to(readers)] = true
		}
	}
	for where, readers := range o.reveals {
		if len(readers) > 0 {
			found[where+" tells "+to(readers)+" what was hidden from them"] = true
		}
	}
	private := map[string]bool{}
	for _, d := range before.Divisions {
		private[d.ID.Text] = d.Private
	}
	for _, d := range after.Divisions {
		if private[d.ID.Text] && !d.Private {
			found[d.ID.Text+" is no longer private"] = true
		}
	}
	for where := range o.inPublic {
		if id, _, _ := strings.Cut(where, ","); !found[id+" is no longer private"] {
			found[where+" tells in public what was only answered in private"] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// wordsOf appends the words of a text in the form in which they are compared.
func wordsOf(list []string, text string) []string {
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		if w = words.Fold(strings.ToLower(w)); w != "" {
			list = append(list, w)
		}
	}
	return list
}

// hasUncommon reports whether one of the words is uncommon.
func hasUncommon(is role, list []string) bool {
	least := float32(minRarity)
	if len(list) == 1 && is <= isAsked {
		least = minNameRarity
	}
	return slices.ContainsFunc(list, func(w string) bool {
		return len(w) > 2 && words.Rarity(w) >= least && strings.IndexFunc(w, unicode.IsLetter) >= 0
	})
}

// identifiersIn lists the e-mail addresses in a text and the numbers of at least minDigits
// digits, which may have spaces and punctuation between them.
func identifiersIn(text string) (found []string) {
	digits, gap := []byte{}, 0
	number := func() {
		if n := len(digits); n >= minDigits {
			found = append(found, "#"+string(digits))
			if n > localDigits {
				found = append(found, "#"+string(digits[n-localDigits:]))
			}
		}
		digits = digits[:0]
	}
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits, gap = append(digits, c), 0
		case strings.IndexByte(" -./()", c) >= 0 && gap < 2:
			gap++
		case c == ',' && gap == 0:
			gap = 2 // as in 1,250,000
		default:
			number()
			gap = 0
		}
	}
	number()
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>()[]{}\"'`*,;:|", r)
	}) {
		if at := strings.IndexByte(w, '@'); at > 0 && at < len(w)-1 {
			found = append(found, strings.ToLower(strings.Trim(w, ".!?_-/")))
		}
	}
	return found
}
