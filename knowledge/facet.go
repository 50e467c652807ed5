package knowledge

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

// Words that ask for a facet. With frames and fillers they say nothing of the
// subject.
var (
	whoWords      = set("who whos whom")
	whatWords     = set("what whats describe explain define about overview rundown meaning")
	leadWords     = set("lead leads led leader leadership head heads headed boss chief director manager commander")
	reportWords   = set("report reports reporting answer answers")
	locationWords = set("where wheres located location address headquartered based sit sits city")
	hoursWords    = set("hours open opening opens close closes closed when")
	reachWords    = set("reach contact email mail phone telephone hotline touch number call write")
	standWords    = set("stand stands acronym abbreviation abbreviated initials")
	divisionWords = set("division divisions department departments office offices unit units branch branches directorate directorates team teams")
	listWords     = set("list name show enumerate all every each complete")
	helpWords     = set("help commands usage menu instructions")
	greetWords    = set("hi hello hey hiya howdy greetings hola yo morning afternoon evening good day there all everyone team bot folks again dear frontdesk")
	fillWords     = set("please quick quickly just really exactly actually again now today even ever also too its part give show info information summary tell learn heard never mean means u im new pls plz lol ok okay so well use many much number total altogether exist")
)

// facetOf finds out which facet a question asks for, and whether it has
// nothing else to say: whether, but for the words of names, every word only
// asks.
func facetOf(r *reading) (facet Facet, only bool) {
	n := len(r.words)
	if n == 0 {
		return FacetHandles, false
	}
	has := func(s map[string]bool) bool {
		for i := range r.words {
			if s[r.said(i)] && !r.covered(i) {
				return true
			}
		}
		return false
	}
	all := func(sets ...map[string]bool) bool {
		for i := range r.words {
			known := r.covered(i)
			for _, s := range sets {
				known = known || s[r.said(i)]
			}
			if !known {
				return false
			}
		}
		return true
	}
	is := func(w string) bool {
		for i := range r.words {
			if r.said(i) == w {
				return true
			}
		}
		return false
	}
	first := r.said(0)
	switch {
	case n <= 6 && greetWords[first] && first != "there" && first != "all" && all(greetWords):
		return FacetGreeting, true
	case n <= 6 && has(helpWords) && all(helpWords, greetWords, fillWords, frames),
		n <= 8 && is("what") && is("can") && is("you") && is("do") && all(greetWords, fillWords, frames):
		return FacetHelp, true
	}
	who := has(whoWords)
	switch {
	case is("how") && is("many") && has(divisionWords):
		facet = FacetCount
	case has(listWords) && (is("divisions") || is("departments") || is("offices") || is("units") || is("teams")):
		facet = FacetList
	case has(standWords):
		facet = FacetStandsFor
	case has(reportWords) && is("to") && (who || is("does") || is("do")):
		facet = FacetReportsTo
	case has(leadWords) && (who || has(whatWords) || n <= 6), is("runs") && who, is("charge") && who:
		facet = FacetLead
	case has(locationWords):
		facet = FacetLocation
	case is("hours"), is("when") && has(hoursWords) && (is("open") || is("close")):
		facet = FacetHours
	case has(reachWords):
		facet = FacetReach
	case !who && !is("which") && has(whatWords):
		facet = FacetAbout
	}
	only = true
	for i := range r.words {
		only = only && (r.covered(i) || facetWord(r.said(i)))
	}
	return facet, only
}

// askingWords are all the words with which people ask.
var askingWords = []map[string]bool{frames, fillWords, whoWords, whatWords, leadWords, reportWords, locationWords, hoursWords, reachWords, standWords, divisionWords, listWords, greetWords}

// facetWord reports whether a word only asks, whatever the subject.
func facetWord(w string) bool {
	for _, s := range askingWords {
		if s[w] {
			return true
		}
	}
	return false
}
