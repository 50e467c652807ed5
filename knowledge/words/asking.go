package words

import (
	"iter"
	"maps"
	"strings"
	"sync"
)

// stopWords are the words with which people ask any desk anything. They say that
// something is asked, never what; alone they cannot point to a division.
var stopWords = set(`
	who whom whose which what where when why how is are was were be been do does did can could will would shall
	should may might must i me my we us our you your it its they them their he she his her this that these those
	there here a an the and or but if of to in on at for from with by about into over as not no so any some
	handle handles handled handling deal deals dealing charge responsible responsibility responsibilities
	manage manages managing oversee oversees overseeing cover covers run runs
	division divisions department departments office offices team teams unit group section branch desk
	contact contacts reach ask tell talk speak know find need want help please thanks thank hi hello hey
	someone somebody anyone anybody person people guy folks one thing things stuff something anything
	go goes get got take takes works work working question questions report refer send call
`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Asking says how a word asks. A word may ask in several ways; one that asks in
// any says nothing of the subject.
type Asking uint16

// How a word asks.
const (
	StopWord Asking = 1 << iota // with such words people ask anything
	Filler                      // says nothing
	AsksWho
	AsksWhat
	AsksLead
	AsksReport
	AsksWhere
	AsksHours
	AsksReach
	AsksStand
	AsksDivision
	AsksList
	AsksHelp
	Greets
)

// askingWords are the words that ask, by how they ask.
var askingWords = map[Asking]map[string]bool{
	StopWord:   stopWords,
	AsksWho:    set("who whos whom"),
	AsksWhat:   set("what whats describe explain define about overview rundown meaning"),
	AsksLead:   set("lead leads led leader leadership head heads headed boss chief director manager commander"),
	AsksReport: set("report reports reporting answer answers"),
	AsksWhere:  set("where wheres located location address headquartered based sit sits city"),
	AsksHours:  set("hours open opening opens close closes closed when"),
	AsksReach:  set("reach contact email mail phone telephone hotline touch number call write"),
	AsksStand:  set("stand stands acronym abbreviation abbreviated initials"),
	AsksDivision: set(`
		division divisions department departments office offices unit units branch branches directorate directorates
		team teams
	`),
	AsksList: set("list name show enumerate all every each complete"),
	AsksHelp: set("help commands usage menu instructions"),
	Greets: set(`
		hi hello hey hiya howdy greetings hola yo morning afternoon evening good day there all everyone team bot
		folks again dear frontdesk
	`),
	Filler: set(`
		please quick quickly just really exactly actually again now today even ever also too its part give show info
		information summary tell learn heard never mean means u im new pls plz lol ok okay so well use many much
		number total altogether exist
	`),
}

// IsStopWord reports whether a word is one of those with which people ask anything.
func IsStopWord(w string) bool { return stopWords[w] }

// AskedBy says how a word asks; 0 if it does not.
func AskedBy(w string) Asking { return asking()[w] }

// AskingWords lists the words that ask, in any order.
func AskingWords() iter.Seq[string] { return maps.Keys(asking()) }

// Load reads the tables of this package, which are read once and would keep
// the first question waiting.
func Load() {
	spoken()
	asking()
}

// asking says how each word asks that does.
var asking = sync.OnceValue(func() map[string]Asking {
	by := map[string]Asking{}
	for kind, words := range askingWords {
		for w := range words {
			by[w] |= kind
		}
	}
	return by
})
