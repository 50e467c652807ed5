package draft

import (
	"math"
	"regexp"
	"strings"
)

// section is a heading and what is below it.
type section struct {
	heading int // the index of its block
	own     bool
	contact bool
	unit    bool
}

// What a section with the name of a division has, in points. Contacts tell most: divisions have
// them, and their duties do not.
const (
	ownPoints     = 1.0 // text of its own
	contactPoints = 2.0
	unitPoints    = 1.0 // a word such as department in its heading
	deeperFactor  = 0.7 // for each level above that may name divisions as well
)

// divisionLevel finds the level of the headings that name divisions: that with most sections
// that look like a division, where they are alike.
func divisionLevel(blocks []block) int {
	best, bestScore, factor := 0, 0.0, 1.0
	for level := 1; level < levels; level++ {
		sections := sectionsOf(blocks, level)
		sum, names := 0.0, map[string]bool{}
		for _, s := range sections {
			names[nameKey(blocks[s.heading].text)] = true
			if s.own {
				sum += ownPoints
			}
			if s.contact {
				sum += contactPoints
			}
			if s.unit {
				sum += unitPoints
			}
		}
		n := float64(len(sections))
		if n == 0 || sum == 0 || len(names)*2 <= len(sections) && len(sections) > 2 {
			continue
		}
		score := factor * sum / n * math.Log2(1+n)
		if level == 1 && len(sections) == 1 {
			score /= 100 // the title of the page, if there is nothing else
		}
		if score > bestScore {
			best, bestScore = level, score
		}
		if sum/n >= ownPoints/2 && (level > 1 || len(sections) > 1) {
			factor *= deeperFactor
		}
	}
	return best
}

// sectionsOf lists the sections of a level whose heading may be the name of a division.
func sectionsOf(blocks []block, level int) (sections []section) {
	for i, b := range blocks {
		if b.kind != heading || b.level != level || isPart(b.text) {
			continue
		}
		s := section{heading: i}
		is, _ := roleOf(b.text)
		s.unit = is == Name
		direct := true
		for _, below := range blocks[i+1:] {
			if below.kind == heading {
				if below.level <= level || !isPart(below.text) {
					break
				}
				direct = false
				continue
			}
			s.own = s.own || direct && below.kind != directory
			s.contact = s.contact || hasContact(below)
		}
		s.contact = s.contact || hasContact(b)
		sections = append(sections, s)
	}
	return sections
}

func hasContact(b block) bool {
	for _, l := range b.links {
		if strings.HasPrefix(l.address, "mailto:") || strings.HasPrefix(l.address, "tel:") {
			return true
		}
	}
	if len(b.text) > 500 { // a long text that mentions an address is about something else
		return false
	}
	r := reached(b.text)
	return len(r.emails)+len(r.phones) > 0
}

var pagePart = regexp.MustCompile(`(?i)^\s*(latest |upcoming |recent |our )?(news|events?|forms|documents|` +
	`downloads|resources|` +
	`(quick |related |useful )?links|in this section|on this page|table of contents|contents|share( this)?( page)?|` +
	`follow us|search|announcements|navigation|skip to .*|see also|more|feedback|was this page helpful.*)\W*$`)

// isPart reports whether a heading names a part of a section, such as Contact, or is a
// question, and so names no division.
func isPart(text string) bool {
	is, exact := roleOf(text)
	return exact && is != generic && is != person || isQuestion(text) || pagePart.MatchString(text)
}
