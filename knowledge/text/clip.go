package text

import (
	"strings"
	"unicode/utf16"
)

// Length is the length of a text in UTF-16 code units, which chat platforms count. A
// character outside the Basic Multilingual Plane, such as most emoji, counts as two.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Clip shortens s to at most limit UTF-16 code units, including the ellipsis that it
// adds. It cuts at a space if one is in the second half.
func Clip(s string, limit int) string {
	if Length(s) <= limit {
		return s
	}
	const ellipsis = "…"
	if limit < 1 {
		return ""
	}
	cut := s[:prefix(s, limit-1)]
	if space := strings.LastIndexAny(cut, " \n"); space >= len(cut)/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " \n,;:") + ellipsis
}

// prefix is how many bytes of s fit in limit UTF-16 code units.
func prefix(s string, limit int) int {
	n := 0
	for i, r := range s {
		if n += max(1, utf16.RuneLen(r)); n > limit {
			return i
		}
	}
	return len(s)
}

// Clip shortens a text so that its plain form has at most limit UTF-16 code units, and
// reports whether it removed anything. It cuts after a sentence, list item or line if one
// fits, or else inside a sentence, with an ellipsis.
func (t Text) Clip(limit int) (Text, bool) {
	if Length(t.Plain()) <= limit {
		return t, false
	}
	var kept Text
	for _, b := range t {
		const gap = len("\n\n")
		if len(kept) > 0 {
			limit -= gap
		}
		length := Length(Text{b}.Plain())
		if length <= limit {
			kept = append(kept, b)
			limit -= length
			continue
		}
		if b := clipBlock(b, limit, len(kept) == 0); b != nil {
			kept = append(kept, b)
		}
		break
	}
	return kept, true
}

// clipBlock shortens a block that is too long, or returns nil if nothing of it fits. With
// must it may cut inside a sentence.
func clipBlock(b Block, limit int, must bool) Block {
	switch b := b.(type) {
	case Paragraph:
		plain := b.plain()
		end := sentenceEnd(plain, limit)
		if end == 0 && must {
			return b.cut(Clip(plain, limit))
		}
		if end > 0 {
			return b.cut(plain[:end])
		}
	case List:
		if short := clipList(b, limit, must); len(short.Items) > 0 {
			return short
		}
	case CodeBlock:
		s := string(b)[:prefix(string(b), max(0, limit))]
		if line := strings.LastIndexByte(s, '\n'); line > 0 {
			return CodeBlock(s[:line])
		}
		if must && s != "" {
			return CodeBlock(s)
		}
	case Quote:
		if inner, _ := Text(b).Clip(limit); len(inner) > 0 {
			return Quote(inner)
		}
	}
	return nil
}

// clipList keeps the items that fit. If none does, with must it shortens the first.
func clipList(l List, limit int, must bool) List {
	short := List{Ordered: l.Ordered, First: l.First}
	alone := func(i int, item Text) int { // the length of a list with only this item
		return Length(Text{List{l.Ordered, l.First + i, []Text{item}}}.Plain())
	}
	left := limit
	for i, item := range l.Items {
		if left -= alone(i, item); left < 0 {
			break
		}
		short.Items = append(short.Items, item)
		left -= len("\n")
	}
	if len(short.Items) > 0 || !must || len(l.Items) == 0 {
		return short
	}
	const mark = len("1000000000. ") // the longest one: a list begins with at most nine digits
	first, _ := l.Items[0].Clip(limit - mark)
	for len(first) > 0 && alone(0, first) > limit { // indentation counts as well
		first = first[:len(first)-1]
	}
	if len(first) > 0 {
		short.Items = []Text{first}
	}
	return short
}

// sentenceEnd is the offset after the last sentence of s that fits in limit UTF-16 code
// units, or 0 if none fits.
func sentenceEnd(s string, limit int) int {
	end, at := 0, 0
	for _, sentence := range Sentences(s) {
		start := strings.Index(s[at:], sentence)
		if start < 0 {
			break // Sentences changed a line end inside the sentence
		}
		at += start + len(sentence)
		if Length(s[:at]) > limit {
			break
		}
		end = at
	}
	return end
}

// cut shortens a paragraph to the given prefix of its plain text, which may end with an
// ellipsis.
func (p Paragraph) cut(plain string) Block {
	var short Paragraph
	for _, s := range p {
		if plain == "" {
			break
		}
		n := 0
		for n < len(s.Text) && n < len(plain) && s.Text[n] == plain[n] {
			n++
		}
		if n == 0 {
			break // only the ellipsis is left
		}
		if n < len(s.Text) {
			s.Text, n = plain, len(plain) // the last span includes the ellipsis
		}
		short = append(short, s)
		plain = plain[n:]
	}
	if plain != "" {
		short = append(short, Span{Text: plain})
	}
	if len(short) == 0 {
		return nil
	}
	return short
}
