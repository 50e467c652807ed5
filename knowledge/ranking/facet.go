package ranking

import "frontdesk/knowledge/words"

// Facet is the side of a division that a question asks for.
type Facet uint8

// The facets. Who handles something is the ordinary one.
const (
	FacetHandles   Facet = iota // who handles it
	FacetAbout                  // what is it
	FacetLead                   // who leads it
	FacetReportsTo              // whom does it report to
	FacetLocation               // where is it
	FacetHours                  // when is it open
	FacetReach                  // how is it reached
	FacetStandsFor              // what does its acronym stand for
	FacetCount                  // how many divisions are there
	FacetList                   // which are they
	FacetGreeting               // hello
	FacetHelp                   // what can the desk do
	FacetThanks                 // thank you
)

func (f Facet) String() string {
	return [...]string{"handles", "about", "lead", "reports_to", "location", "hours", "reach", "stands_for", "count",
		"list", "greeting", "help", "thanks"}[f]
}

// asksSomething are the roles of words that ask for more than thanks do: "ok, where is it".
const asksSomething = words.AsksWho | words.AsksWhat | words.AsksLead | words.AsksWhere | words.AsksHours |
	words.AsksReach | words.AsksStand | words.AsksDivision

// facetOf finds out which facet a question asks for, and whether it has
// nothing else to say: whether, but for the words of names, every word only
// asks.
func facetOf(r *reading) (facet Facet, only bool) {
	n := len(r.words)
	if n == 0 {
		return FacetHandles, false
	}
	var has words.Asking // of any word that is not part of a name
	helps, greeting, thanks := true, true, true
	only = true
	for i, c := range r.clues {
		if r.covered(i) {
			greeting, thanks = false, false
			continue
		}
		has |= c.asks
		only = only && c.asks&^(words.AsksHelp) != 0
		helps = helps && c.asks&(words.AsksHelp|words.Greets|words.Filler|words.StopWord) != 0
		greeting = greeting && c.asks&words.Greets != 0
		thanks = thanks && c.asks&(words.Thanks|words.Greets|words.Filler|words.StopWord) != 0
	}
	is := func(words ...string) bool {
		for _, w := range words {
			found := false
			for i := range r.words {
				found = found || r.said(i) == w
			}
			if !found {
				return false
			}
		}
		return true
	}
	any := func(kinds words.Asking) bool { return has&kinds != 0 }
	first := r.said(0)
	who := any(words.AsksWho)
	several := is("divisions") || is("departments") || is("offices") || is("units") || is("teams")
	switch {
	case greeting && n <= 6 && first != "there" && first != "all":
		return FacetGreeting, true
	case thanks && n <= 8 && r.clues[0].asks&words.Thanks != 0 && !any(asksSomething) && !is("how") && !is("why"):
		return FacetThanks, true
	case helps && (n <= 6 && any(words.AsksHelp) || n <= 8 && is("what", "can", "you", "do")):
		return FacetHelp, true
	case any(words.AsksDivision) && is("how", "many"):
		return FacetCount, only
	case several && any(words.AsksList), several && only && len(r.named) == 0 && (any(words.AsksWhat) || is("which")):
		return FacetList, only
	case any(words.AsksStand):
		return FacetStandsFor, only
	case any(words.AsksReport) && is("to") && (who || is("does") || is("do")):
		return FacetReportsTo, only
	case any(words.AsksLead) && (who || any(words.AsksWhat) || n <= 6), who && (is("runs") || is("charge")):
		return FacetLead, only
	case any(words.AsksWhere):
		return FacetLocation, only
	case any(words.AsksHours) && (is("hours") || is("when", "open") || is("when", "close")):
		return FacetHours, only
	case any(words.AsksReach):
		return FacetReach, only
	case any(words.AsksWhat) && !who && !is("which"):
		return FacetAbout, only
	}
	return FacetHandles, only
}
