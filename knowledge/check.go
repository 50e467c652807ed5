package knowledge

import (
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/knowledge/words"
)

// checker looks for mistakes in a file that could be read.
type checker struct {
	*File
	findings
	ids     map[string]Line // of divisions
	known   map[string]bool // ids of divisions, also of those that are not valid
	names   []string        // the same, sorted
	guesses int             // how often an id was suggested so far
	apart   map[[2]string]bool
	claims  map[string]claims // by the normal form of the text
	stems   map[string]string // of words seen so far, because stemming takes most of the time
}

// claims are the owners of one alias, keyword or example question.
type claims struct {
	first []claim // at most mostClaims
	last  string  // the owner of the last one; those of one owner follow each other
}

// mostClaims is how many owners of the same text are remembered. A warning names one.
const mostClaims = 8

// claim is one owner of an alias, a keyword or an example question.
type claim struct {
	owner string // the id of the division, or declinedOwner and the id of the topic
	line  Line
}

const declinedOwner = "declines: "

// check lists the mistakes in the file. So many errors were reported before.
func (f *File) check(whole Pos, reported int) Problems {
	c := &checker{
		File: f, findings: findings{whole: whole, reported: reported},
		ids: map[string]Line{}, known: map[string]bool{}, apart: map[[2]string]bool{},
		claims: map[string]claims{}, stems: map[string]string{},
	}
	c.references()
	for i := range f.Divisions {
		c.division(&f.Divisions[i])
	}
	c.declines()
	c.rest()
	c.wordless()
	c.eachAudience(c.audience)
	c.combinations()
	return c.list()
}

// combinations checks that the file has not too many combinations of audiences, and no
// synonyms that only some readers know.
func (c *checker) combinations() {
	var first Line
	c.eachAudience(func(groups []Line) {
		if first.Pos.Line == 0 && len(groups) > 0 {
			first = groups[0]
		}
	})
	if first.Pos.Line == 0 {
		return
	}
	const remedy = "use fewer groups, or give whole divisions an audience instead of parts of them"
	layers, texts := c.learningSize()
	if layers <= maxLayers {
		ls := newLayers(c.allConditions())
		hidden := c.hiddenSynonyms(&ls)
		for _, group := range c.Synonyms {
			for _, l := range group {
				if parts := words.Split(l.Text); len(parts) == 1 && hidden[words.Stem(parts[0].Text)] != nil {
					c.warnf(l.Pos, "the word %q is only in parts with an audience, "+
						"so it is not a synonym for everyone else", l.Text)
				}
			}
		}
	}
	switch {
	case layers > maxLayers:
		c.errorf(first.Pos, "the file has %d different combinations of audiences, and at most %d are allowed; %s",
			layers, maxLayers, verbatim(remedy))
	case texts > maxLearned:
		c.errorf(first.Pos, "the file has too many texts for %d different combinations of audiences; %s",
			layers, verbatim(remedy))
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// id checks one id of a list and remembers it.
func (c *checker) id(seen map[string]Line, l Line, kind string) {
	first, taken := seen[l.Text]
	switch {
	case l.Pos.Line == 0: // left out, which the reader reports
	case l.Text == "":
		c.errorf(l.Pos, "the id of this %s is empty; give it a short name such as global-trade", kind)
	case !idForm.MatchString(l.Text):
		c.errorf(l.Pos, "the id %q may contain only lower-case letters, digits and single hyphens, "+
			"such as global-trade", l.Text)
	case l.Text == "none":
		c.errorf(l.Pos, "the id none is reserved for questions that no division answers; choose another one")
	case taken:
		c.errorf(l.Pos, "the id %s is already in %s; every %s needs its own id", l.Text, first.Pos.from(l.Pos), kind)
	default:
		seen[l.Text] = l
	}
}

// references checks the ids and the references to them.
func (c *checker) references() {
	if len(c.Divisions) == 0 {
		c.errorf(c.whole, "the file has no divisions; list at least one under divisions")
	}
	for i := range c.Divisions {
		d := &c.Divisions[i]
		c.id(c.ids, d.ID, "division")
		c.known[d.ID.Text] = true
	}
	c.names = slices.Sorted(maps.Keys(c.known))
	for _, d := range c.Divisions {
		for _, l := range d.SeeAlso {
			c.reference(l, "see_also")
			if l.Text == d.ID.Text {
				c.warnf(l.Pos, "see_also names the division itself")
			}
		}
		for _, n := range d.NotFor {
			if n.See.Text != "" {
				c.reference(n.See, "see")
			}
		}
	}
	for _, t := range c.TellApart {
		for _, l := range t.Between {
			c.reference(l, "between")
		}
		switch {
		case len(t.Between) == 0: // left out, which the reader reports
		case len(t.Between) != 2:
			c.errorf(t.Between[0].Pos, "between must name two divisions, but it names %d", len(t.Between))
		case t.Between[0].Text == t.Between[1].Text:
			c.errorf(t.Between[1].Pos, "between names %s twice", t.Between[1].Text)
		default:
			c.apart[pairOf(t.Between[0].Text, t.Between[1].Text)] = true
		}
	}
}

func pairOf(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

// reference reports a reference to a division that does not exist.
func (c *checker) reference(l Line, key string) {
	if c.known[l.Text] {
		return
	}
	meant := ""
	if c.guesses++; c.guesses <= mostGuesses {
		if near := nearest(l.Text, c.names); near != "" {
			meant = "; did you mean " + near + "?"
		}
	}
	c.errorf(l.Pos, "%s names %q, but no division has that id%s", key, l.Text, verbatim(meant))
}

// mostGuesses is how often the checker suggests an id, which may take some milliseconds
// each time.
const mostGuesses = 50

func (c *checker) division(d *Division) {
	if d.Name.Pos.Line > 0 && d.Name.Text == "" {
		c.errorf(d.Name.Pos, "the name of this division is empty")
	}
	id := d.ID.Text
	own := map[string]Line{}
	keyword := func(l Line, what string) {
		if l.Text == "" {
			c.warnf(l.Pos, "this %s is empty; fill it in or delete it", what)
			return
		}
		key := words.Normal(l.Text)
		if first, ok := own[key]; ok && key != "" {
			c.warnf(l.Pos, "%q is already in %s; one of them is enough", l.Text, first.Pos.from(l.Pos))
			return
		}
		own[key] = l
		c.claim(id, l, what, key)
	}
	for _, l := range d.Aliases {
		keyword(l, "alias")
	}
	c.filled(d.Summary, "summary")
	for _, f := range d.Facts {
		if f.Text.Text == "" {
			c.warnf(f.Label.Pos, "the fact %s is empty; fill it in or delete it", f.Label.Text)
		}
	}
	for _, h := range d.Handles {
		c.filled(h.Topic, "topic")
		c.filled(h.Text, "text")
		for _, l := range h.Keywords {
			keyword(l, "keyword")
		}
		if h.Topic.Text == "" && h.Text.Text == "" && len(h.Keywords) == 0 {
			c.warnf(d.ID.Pos, "a responsibility of %s has no topic, no text and no keywords", id)
		}
	}
	for _, p := range d.Programs {
		if p.Name.Pos.Line > 0 && p.Name.Text == "" {
			c.errorf(p.Name.Pos, "the name of this program is empty")
		}
		c.filled(p.Acronym, "acronym")
		c.filled(p.Text, "text")
		for _, l := range p.Keywords {
			keyword(l, "keyword")
		}
	}
	c.questions(id, d.allQuestions())
	for _, n := range d.NotFor {
		c.filled(n.Text, "text")
		c.filled(n.Say, "say")
		if n.See.Text == "" && n.Say.Text == "" {
			c.warnf(n.Text.Pos, "this near miss has neither say (where to go) nor see (the division that handles it)")
		}
	}
	c.contact(&d.Contact)
	c.source(&d.Source)
	for _, l := range d.Links {
		c.url(l.URL)
	}
}

// audience checks names of groups.
func (c *checker) audience(groups []Line) {
	for _, l := range groups {
		if !idForm.MatchString(l.Text) { // an error, because a misspelt audience may show a part to the wrong people
			c.errorf(l.Pos, "the audience %q may contain only lower-case letters, digits and single hyphens, "+
				"such as employees", l.Text)
		}
	}
}

// filled warns of a key with an empty text.
func (c *checker) filled(l Line, key string) {
	if l.Pos.Line > 0 && l.Text == "" {
		c.warnf(l.Pos, "the %s is empty; fill it in or delete it", key)
	}
}

// questions checks example questions. Those that differ only in the order of their words
// and in question words count as the same.
func (c *checker) questions(owner string, questions []Line) {
	for _, q := range questions {
		if q.Text == "" {
			c.warnf(q.Pos, "this question is empty; fill it in or delete it")
			continue
		}
		c.claim(owner, q, "question", c.gist(q.Text))
	}
}

// gist is the set of a question's stems without question words, or all of its words if it
// has no others.
func (c *checker) gist(text string) string {
	var stems, all []string
	for _, w := range words.Split(text) {
		all = append(all, w.Text)
		if !words.IsStopWord(w.Text) {
			s, ok := c.stems[w.Text]
			if !ok {
				s = words.Stem(w.Text)
				c.stems[w.Text] = s
			}
			stems = append(stems, s)
		}
	}
	if len(stems) == 0 {
		return "? " + strings.Join(all, " ")
	}
	slices.Sort(stems)
	return "? " + strings.Join(slices.Compact(stems), " ")
}

// claim remembers the owner of a text and warns if it has two, unless the file tells the
// two apart.
func (c *checker) claim(owner string, l Line, what, key string) {
	if key == "" {
		return
	}
	all := c.claims[key]
	if all.last == owner && len(all.first) > 0 {
		return
	}
	for _, other := range all.first {
		if c.apart[pairOf(other.owner, owner)] {
			continue
		}
		remedy := verbatim("keep it with one of them, or tell them apart under tell_apart")
		if strings.HasPrefix(owner, declinedOwner) || strings.HasPrefix(other.owner, declinedOwner) {
			remedy = "keep it with one of them"
		}
		c.warnf(l.Pos, "the %s %q also belongs to %s, in %s; %s",
			what, l.Text, other.owner, other.line.Pos.from(l.Pos), remedy)
		break // one warning for one mistake
	}
	if all.last = owner; len(all.first) < mostClaims {
		all.first = append(all.first, claim{owner, l})
	}
	c.claims[key] = all
}

func (c *checker) contact(contact *Contact) {
	if l := contact.Email; l.Text != "" {
		if address, err := mail.ParseAddress(l.Text); err != nil || address.Address != l.Text {
			c.warnf(l.Pos, "%q is not an e-mail address", l.Text)
		}
	}
	c.url(contact.URL)
}

func (c *checker) source(s *Source) {
	c.url(s.URL)
	if s.Seen.Text != "" {
		if _, err := time.Parse(time.DateOnly, s.Seen.Text); err != nil {
			c.warnf(s.Seen.Pos, "%q is not a date such as 2026-11-23", s.Seen.Text)
		}
	}
}

func (c *checker) url(l Line) {
	if l.Pos.Line == 0 {
		return
	}
	u, err := url.Parse(l.Text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(l.Text, " \t\n") {
		c.warnf(l.Pos, "%q is not a web address such as https://acme.example", l.Text)
	}
}

func (c *checker) declines() {
	ids := map[string]Line{}
	for _, d := range c.Declines {
		c.id(ids, d.ID, "declined topic")
		c.filled(d.Topic, "topic")
		c.filled(d.Answer, "answer")
		c.questions(declinedOwner+d.ID.Text, d.Questions)
	}
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// rest checks the parts of the file that belong to no division.
func (c *checker) rest() {
	c.filled(c.Organization.Name, "name")
	c.url(c.Organization.URL)
	c.source(&c.Source)
	if l := c.Language; l.Text != "" && !languageForm.MatchString(l.Text) {
		c.warnf(l.Pos, "%q is not a language tag such as en or pt-BR", l.Text)
	}
	if l := c.FalseAnswers; l.Text != "" {
		n, err := strconv.ParseFloat(strings.TrimSuffix(l.Text, "%"), 64)
		if err != nil || !(n >= minFalseAnswers && n <= maxFalseAnswers) {
			c.errorf(l.Pos, "false_answers must be a number from %g to %g: how many of a hundred answers may be false",
				minFalseAnswers, maxFalseAnswers)
		}
	}
	for _, u := range c.Urgent {
		for _, p := range u.Phrases {
			if words := len(words.Split(p.Text)); words < 2 {
				c.warnf(p.Pos, "the urgent phrase %q has only one word and would match ordinary questions", p.Text)
			}
		}
		c.filled(u.Say, "say")
	}
	for _, t := range c.TellApart {
		c.filled(t.Say, "say")
	}
	groups := map[string]Line{}
	for _, g := range c.Synonyms {
		if len(g) == 1 {
			c.warnf(g[0].Pos, "a group of synonyms needs at least two words, but this one has only %q", g[0].Text)
		}
		mine := map[string]bool{}
		for _, l := range g {
			parts := words.Split(l.Text)
			if len(parts) == 0 {
				c.errorf(l.Pos, "the synonym %q has no letter or digit; correct or delete it", l.Text)
				continue
			}
			if len(parts) != 1 {
				c.warnf(l.Pos, "the synonym %q is not one word, so it is not used; make it a keyword", l.Text)
				continue
			}
			s := words.Stem(parts[0].Text)
			if first, ok := groups[s]; ok && !mine[s] {
				c.warnf(l.Pos, "the synonym %q is already in the group of %s; join the two groups",
					l.Text, first.Pos.from(l.Pos))
			}
			groups[s], mine[s] = l, true
		}
	}
}

// Bounds of false_answers, in percent.
const (
	minFalseAnswers = 0.1
	maxFalseAnswers = 50.0
)

// wordless warns of divisions that have no word of their own: no question can find them.
func (c *checker) wordless() {
	if len(c.Divisions) < 2 {
		return
	}
	owner := map[string]int{} // by word: the only division that has it, or -1
	words := func(d *Division, f func(word string)) {
		each := func(texts ...Line) {
			for _, l := range texts {
				for _, w := range words.Split(l.Text) {
					f(w.Text)
				}
			}
		}
		each(d.Name, d.Summary)
		each(d.Aliases...)
		each(d.allQuestions()...)
		for _, h := range d.Handles {
			each(h.Topic, h.Text)
			each(h.Keywords...)
		}
		for _, p := range d.Programs {
			each(p.Name, p.Acronym, p.Text)
			each(p.Keywords...)
		}
	}
	for i := range c.Divisions {
		words(&c.Divisions[i], func(s string) {
			if first, ok := owner[s]; ok && first != i {
				owner[s] = -1
			} else if !ok {
				owner[s] = i
			}
		})
	}
	own := make([]int, len(c.Divisions))
	for _, i := range owner {
		if i >= 0 {
			own[i]++
		}
	}
	for i, d := range c.Divisions {
		if own[i] == 0 && d.ID.Pos.Line > 0 {
			c.warnf(d.ID.Pos, "every word of %s is also in other divisions; "+
				"give it keywords and example questions of its own", d.ID.Text)
		}
	}
}
