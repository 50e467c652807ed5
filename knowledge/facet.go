package knowledge

import "sync"

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
)

func (f Facet) String() string {
	return [...]string{"handles", "about", "lead", "reports_to", "location", "hours", "reach", "stands_for", "count", "list", "greeting", "help"}[f]
}

// asks says how a word asks. A word may ask in several ways; one that asks in
// any says nothing of the subject.
type asks uint16

const (
	asksFrame asks = 1 << iota
	asksFill
	asksWho
	asksWhat
	asksLead
	asksReport
	asksWhere
	asksHours
	asksReach
	asksStand
	asksDivision
	asksList
	asksHelp
	greets
)

// askingWords are the words that ask, by how they ask.
var askingWords = map[asks]map[string]bool{
	asksFrame:    frames,
	asksWho:      set("who whos whom"),
	asksWhat:     set("what whats describe explain define about overview rundown meaning"),
	asksLead:     set("lead leads led leader leadership head heads headed boss chief director manager commander"),
	asksReport:   set("report reports reporting answer answers"),
	asksWhere:    set("where wheres located location address headquartered based sit sits city"),
	asksHours:    set("hours open opening opens close closes closed when"),
	asksReach:    set("reach contact email mail phone telephone hotline touch number call write"),
	asksStand:    set("stand stands acronym abbreviation abbreviated initials"),
	asksDivision: set("division divisions department departments office offices unit units branch branches directorate directorates team teams"),
	asksList:     set("list name show enumerate all every each complete"),
	asksHelp:     set("help commands usage menu instructions"),
	greets:       set("hi hello hey hiya howdy greetings hola yo morning afternoon evening good day there all everyone team bot folks again dear frontdesk"),
	asksFill:     set("please quick quickly just really exactly actually again now today even ever also too its part give show info information summary tell learn heard never mean means u im new pls plz lol ok okay so well use many much number total altogether exist"),
}

// askedBy says how each word asks that does.
var askedBy = sync.OnceValue(func() map[string]asks {
	by := map[string]asks{}
	for kind, words := range askingWords {
		for w := range words {
			by[w] |= kind
		}
	}
	return by
})

// facetOf finds out which facet a question asks for, and whether it has
// nothing else to say: whether, but for the words of names, every word only
// asks.
func facetOf(r *reading) (facet Facet, only bool) {
	n := len(r.words)
	if n == 0 {
		return FacetHandles, false
	}
	var has asks // of any word that is not part of a name
	helps, greeting := true, true
	only = true
	for i, c := range r.clues {
		if r.covered(i) {
			greeting = false
			continue
		}
		has |= c.asks
		only = only && c.asks&^(asksHelp) != 0
		helps = helps && c.asks&(asksHelp|greets|asksFill|asksFrame) != 0
		greeting = greeting && c.asks&greets != 0
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
	any := func(kinds asks) bool { return has&kinds != 0 }
	first := r.said(0)
	who := any(asksWho)
	switch {
	case greeting && n <= 6 && first != "there" && first != "all":
		return FacetGreeting, true
	case helps && (n <= 6 && any(asksHelp) || n <= 8 && is("what", "can", "you", "do")):
		return FacetHelp, true
	case any(asksDivision) && is("how", "many"):
		return FacetCount, only
	case any(asksList) && any(asksDivision) && (is("divisions") || is("departments") || is("offices") || is("units") || is("teams")):
		return FacetList, only
	case any(asksStand):
		return FacetStandsFor, only
	case any(asksReport) && is("to") && (who || is("does") || is("do")):
		return FacetReportsTo, only
	case any(asksLead) && (who || any(asksWhat) || n <= 6), who && (is("runs") || is("charge")):
		return FacetLead, only
	case any(asksWhere):
		return FacetLocation, only
	case any(asksHours) && (is("hours") || is("when", "open") || is("when", "close")):
		return FacetHours, only
	case any(asksReach):
		return FacetReach, only
	case any(asksWhat) && !who && !is("which"):
		return FacetAbout, only
	}
	return FacetHandles, only
}
