package words

import (
	"iter"
	"maps"
	"strings"
	"sync"
)

// stopWords are words that occur in any question and say nothing about its subject. The
// list includes the words of this domain, such as handle and division.
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

// Asking is a set of the roles that a word has in a question. A word with a role says
// nothing about the subject.
type Asking uint16

// The roles of words in a question.
const (
	StopWord Asking = 1 << iota // see [IsStopWord]
	Filler                      // such as please and really
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
	Thanks
)

// askingWords lists the words of each role.
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
	Thanks: set(`
		thanks thank thankyou thx tx ty tysm cheers appreciate appreciated grateful ok okay got noted understood
		perfect great awesome cool nice lovely brilliant excellent helpful wonderful
	`),
	Filler: set(`
		please quick quickly just really exactly actually again now today even ever also too its part give show info
		information summary tell learn heard never mean means u im new pls plz lol ok okay so well use many much
		number total altogether exist have has very
	`),
}

// IsStopWord reports whether a word says nothing about the subject of a question.
func IsStopWord(w string) bool { return stopWords[w] }

// AskedBy is the roles of a word, 0 if it has none.
func AskedBy(w string) Asking { return asking()[w] }

// AskingWords lists the words that have a role, in any order.
func AskingWords() iter.Seq[string] { return maps.Keys(asking()) }

// Load reads the tables of this package, so that the first question need not wait for
// them.
func Load() {
	frequencies()
	asking()
}

// asking is the roles of each word that has any.
var asking = sync.OnceValue(func() map[string]Asking {
	by := map[string]Asking{}
	for kind, words := range askingWords {
		for w := range words {
			by[w] |= kind
		}
	}
	return by
})
