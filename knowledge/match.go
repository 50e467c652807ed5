package knowledge

import (
	"slices"

	"frontdesk/knowledge/ranking"
)

// The result of a match consists of types of package ranking. They have names here as
// well, so that package bot need not import it.
type (
	Match     = ranking.Match
	Candidate = ranking.Candidate
	Near      = ranking.Near
	Term      = ranking.Term
	Sum       = ranking.Sum
	Verdict   = ranking.Verdict
	Facet     = ranking.Facet
)

// The verdicts.
const (
	Unknown  = ranking.Unknown
	Possible = ranking.Possible
	Sure     = ranking.Sure
)

// The facets.
const (
	FacetHandles   = ranking.FacetHandles
	FacetAbout     = ranking.FacetAbout
	FacetLead      = ranking.FacetLead
	FacetReportsTo = ranking.FacetReportsTo
	FacetLocation  = ranking.FacetLocation
	FacetHours     = ranking.FacetHours
	FacetReach     = ranking.FacetReach
	FacetStandsFor = ranking.FacetStandsFor
	FacetCount     = ranking.FacetCount
	FacetList      = ranking.FacetList
	FacetGreeting  = ranking.FacetGreeting
	FacetHelp      = ranking.FacetHelp
	FacetThanks    = ranking.FacetThanks
)

// Match finds the divisions that a question is for. It is deterministic. The divisions of
// the result are indexes in [Base.Entries]; items are indexes in the responsibilities and
// then the programs of the entry, near misses in those of the entry, and the declined
// topic in File.Declines.
func (b *Base) Match(question string) Match {
	m := b.View.Match(question)
	for i, d := range m.Named {
		m.Named[i] = int(b.local[d])
	}
	for i, c := range m.Candidates {
		m.Candidates[i].Division, m.Candidates[i].Item = int(b.local[c.Division]), b.localItem(c.Division, c.Item)
	}
	if m.Decline >= 0 {
		m.Decline = int(b.local[m.Decline])
	}
	if near := m.Near; near.Division >= 0 {
		m.Near.Division = int(b.local[near.Division])
		m.Near.Item = visibleIndex(b.sees, b.missLayers[near.Division], near.Item)
	}
	return m
}

// Explain says why the first candidate of [Base.Match] comes first, and what speaks for
// declining the question; the topic is an index in File.Declines. There must be an entry.
func (b *Base) Explain(question string) ranking.Explanation {
	e := b.View.Explain(question)
	if e.Topic >= 0 {
		e.Topic = int(b.local[e.Topic])
	}
	return e
}

// Like is the word of a division, given as an index in [Base.Entries], that is nearest in
// meaning to a word of a question that the division does not have, or "".
func (b *Base) Like(word string, entry int) string {
	return b.View.Like(word, slices.Index(b.local, int32(entry))) // the divisions come first
}
