package draft

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"frontdesk/knowledge"
)

// outline makes divisions of the blocks of a page.
func (d *Draft) outline(blocks []block, o Options) error {
	d.title(blocks)
	level := o.Level
	if level == 0 {
		level = divisionLevel(blocks)
		if rows := tableSize(blocks); rows > 0 && rows > textSections(blocks, level) {
			return d.directories(blocks, o)
		}
	}
	if level == 0 {
		d.lists(blocks)
		return nil
	}
	out := outliner{Draft: d, blocks: blocks, level: level, current: -1}
	out.groups()
	for _, b := range blocks {
		out.block(b)
	}
	d.notef("%s taken as divisions; --level takes others.", out.counted())
	return nil
}

// title takes the first heading of the page as its title if it has no other.
func (d *Draft) title(blocks []block) {
	for _, b := range blocks {
		if b.kind == heading && b.level == 1 && d.File.Source.Title.Text == "" {
			d.File.Source.Title = line(b.text)
		}
	}
}

// tableSize is the number of rows of the tables of divisions.
func tableSize(blocks []block) (rows int) {
	for _, b := range blocks {
		if b.kind == directory {
			rows += len(b.rows) - 1
		}
	}
	return rows
}

// textSections counts the sections of a level that have more than a table.
func textSections(blocks []block, level int) (n int) {
	for _, s := range sectionsOf(blocks, level) {
		if s.own {
			n++
		}
	}
	if n == 1 {
		return 0 // the page as a whole
	}
	return n
}

// directories reads the tables of a page.
func (d *Draft) directories(blocks []block, o Options) error {
	for _, b := range blocks {
		if b.kind != directory {
			if b.text != "" && b.text != d.File.Source.Title.Text {
				d.unused("%s", short(b.text))
			}
			continue
		}
		columns, err := columnsOf(b.rows[0], b.rows[1:], o.Columns)
		if err != nil {
			return err
		}
		d.rows(columns, b.rows[1:])
	}
	return nil
}

// lists makes divisions of the longest list of a page without headings.
func (d *Draft) lists(blocks []block) {
	counts := map[int]int{}
	longest := 0
	for _, b := range blocks {
		if b.kind == item {
			if counts[b.list]++; counts[b.list] > counts[longest] {
				longest = b.list
			}
		}
	}
	const fewest = 2 // divisions
	if counts[longest] < fewest {
		return
	}
	for _, b := range blocks {
		if b.kind != item || b.list != longest {
			d.unused("%s", short(b.text))
			continue
		}
		name, rest := b.bold, strings.TrimPrefix(b.text, b.bold)
		if name == "" {
			if m := topicForm.FindStringSubmatch(b.text); m != nil {
				name, rest = m[1], m[3]
			} else if name, rest = b.text, ""; !isTopic(name) {
				d.unused("%s", short(b.text))
				continue
			}
		}
		out := outliner{Draft: d, current: d.division(name)}
		out.links(b, true)
		out.lines(strings.TrimLeft(rest, " :–—-\n"), "")
	}
	d.notef("The %d items of the longest list are taken as divisions.", counts[longest])
}

// outliner walks over the blocks of a page.
type outliner struct {
	*Draft
	blocks  []block
	level   int
	current int    // division, or -1
	group   string // the heading above the division
	grouped bool   // the headings above tell divisions apart
	part    Role   // what the section below is, if it is a part such as Contact
	label   string // its heading
	topic   int    // the responsibility that the section is about, or -1
	linked  bool   // the block has links
	skip    bool   // the section is about nothing of use
}

// groups finds out whether divisions are in groups with headings above them.
func (o *outliner) groups() {
	above := map[string]bool{}
	last := ""
	for _, b := range o.blocks {
		if b.kind == heading && b.level < o.level {
			last = b.text
		} else if b.kind == heading && b.level == o.level && last != "" && !isPart(b.text) {
			above[last] = true
		}
	}
	o.grouped = len(above) > 1
}

// counted says which headings are divisions.
func (o *outliner) counted() string {
	what := "headings of level " + string(rune('0'+o.level))
	switch o.level {
	case levelSummary:
		what = "headings of parts that open"
	case levelTerm:
		what = "terms of definition lists"
	case levelBold:
		what = "lines in bold"
	}
	return "The " + what + " are"
}

func (o *outliner) block(b block) {
	switch {
	case b.kind == heading && b.level <= o.level:
		o.heading(b)
	case o.current < 0:
		if b.text != "" && b.text != o.File.Source.Title.Text {
			o.unused("%s", short(b.text))
		}
	case b.kind == heading:
		o.subheading(b)
	case o.skip:
		if b.text != "" {
			o.unused("%s: %s: %s", o.name(), o.label, short(b.text))
		}
	default:
		o.linked = len(b.links) > 0
		o.links(b, false)
		o.text(b)
	}
}

func (o *outliner) name() string { return o.File.Divisions[o.current].Name.Text }

var numberForm = regexp.MustCompile(`^(\d{1,2}(\.\d{1,2})*[.)]?|[A-Z][.)]|[IVX]{1,4}\.)\s+`)

// heading begins a division, or ends one.
func (o *outliner) heading(b block) {
	o.part, o.topic, o.skip, o.label = "", -1, false, ""
	name := strings.TrimRight(numberForm.ReplaceAllString(b.text, ""), " :")
	switch {
	case b.level < o.level:
		o.current, o.group = -1, name
		if name != o.File.Source.Title.Text && !o.grouped {
			o.unused("%s (a heading)", short(name))
		}
	case isPart(b.text) || name == "":
		o.current = -1
		o.unused("%s (a heading)", short(b.text))
	default:
		o.current = o.division(name)
		if o.grouped && o.group != "" {
			fact(&o.File.Divisions[o.current], "Part of", o.group)
		}
		o.links(b, true)
	}
}

// framedForm matches headings above a list of responsibilities that say more than Services.
var framedForm = regexp.MustCompile(`(?i)\b(we|us|you|our|they|it)\b|` +
	`^(key|main|core|other|all|available) \pL+$|^\pL+ offered$`)

// subheading begins a part of a division: one that is known by its name, a question, or a
// responsibility.
func (o *outliner) subheading(b block) {
	is, exact := roleOf(b.text)
	o.part, o.topic, o.skip, o.label = "", -1, false, b.text
	switch {
	case pagePart.MatchString(b.text):
		o.skip = true
	case isQuestion(b.text) && !exact:
		e := &o.File.Divisions[o.current]
		e.Handles = append(e.Handles, knowledge.Responsibility{Questions: linesFrom([]string{b.text})})
		o.topic = len(e.Handles) - 1 // what follows is the answer
	case exact && is != Name && is != generic && is != person:
		o.part = is
	case is == Handles && framedForm.MatchString(b.text):
		o.part = is
	case is == Hours || is == Contact || is == Location || is == Lead && len(strings.Fields(b.text)) <= 3:
		o.part = is
	default:
		e := &o.File.Divisions[o.current]
		e.Handles = append(e.Handles, knowledge.Responsibility{Topic: line(strings.TrimRight(b.text, " :."))})
		o.topic = len(e.Handles) - 1
	}
	o.links(b, false)
}

// text adds a paragraph, an item or a labelled text.
func (o *outliner) text(b block) {
	e := &o.File.Divisions[o.current]
	switch {
	case b.kind == directory:
		for _, row := range b.rows[1:] {
			r := responsibility(row[0])
			for i, cell := range row[1:] {
				if cell != "" && i+1 < len(b.rows[0]) {
					r.Text = joined(r.Text, b.rows[0][i+1]+": "+cell, "\n\n")
				}
			}
			o.handle(o.current, r)
		}
	case b.text == "", o.isLink(b):
	case b.kind == labelled:
		is, _ := roleOf(b.label)
		o.say(o.current, is, b.label, b.text)
	case o.part == Summary && b.kind == item: // What we do, and a list of it
		o.handle(o.current, duty(b))
	case o.part == Summary || o.part == Fact && b.kind == paragraph || o.part == Keywords || o.part == Questions:
		o.say(o.current, o.part, o.label, b.text)
	case o.part == Handles && b.kind == item:
		o.handle(o.current, duty(b))
	case o.part == Handles:
		if isTopic(b.text) || !strings.HasSuffix(b.text, ":") {
			o.lines(b.text, b.bold)
		}
	case o.part == ProgramName && b.kind == item:
		e.Programs = append(e.Programs, program(b.text))
	case o.part == Contact:
		o.lines(b.text, b.bold)
	case o.part != "":
		o.say(o.current, o.part, o.label, b.text)
	case o.topic >= 0 && b.kind == paragraph && o.reach(b):
	case o.topic >= 0:
		text := b.text
		if b.kind == item {
			text = "- " + strings.ReplaceAll(text, "\n", " ")
		}
		h := &e.Handles[o.topic]
		mark := "\n\n"
		if b.kind == item && strings.Contains(h.Text.Text, "- ") {
			mark = "\n"
		}
		h.Text = joined(h.Text, text, mark)
	case b.kind == item:
		if label, rest, is := labelOf(b.text, ""); is != "" && is != Handles && is != Summary {
			o.say(o.current, is, label, rest)
		} else if isReach(b.text) {
			o.say(o.current, Contact, "", b.text)
		} else {
			o.handle(o.current, duty(b))
		}
	default:
		o.lines(b.text, b.bold)
	}
}

// isLink reports whether a block is nothing but links, which are kept as links.
func (o *outliner) isLink(b block) bool {
	return b.kind != item && len(b.links) == 1 && b.links[0].label == b.text &&
		absolute(o.base, b.links[0].address) != ""
}

// reach adds a paragraph that says only how to reach the division, and reports whether it does.
func (o *outliner) reach(b block) bool {
	for l := range strings.SplitSeq(b.text, "\n") {
		_, _, is := labelOf(l, "")
		if !isReach(l) && !slices.Contains([]Role{Email, Phone, URL, Contact, Hours, Location, Slack, Discord}, is) {
			return false
		}
	}
	o.lines(b.text, "")
	return true
}

// duty is the responsibility that an item of a list names.
func duty(b block) knowledge.Responsibility {
	if rest, ok := strings.CutPrefix(b.text, b.bold); ok && b.bold != "" && isTopic(b.bold) {
		rest = strings.TrimLeft(rest, " :–—-\n")
		return knowledge.Responsibility{Topic: line(b.bold), Text: line(rest)}
	}
	return responsibility(b.text)
}

var labelForm = regexp.MustCompile(`^(\pL[\pL\pN /&'’.-]{0,40}?)\s*:\s*(\S[^\n]*)$`)

// bareForm matches a label without a colon before a number or an address.
var bareForm = regexp.MustCompile(`(?i)^(phone|telephone|tel|call|e-?mail|fax)\b[.\s]*(.+)$`)

// labelOf finds the label that a line begins with, such as Phone: and what it stands for.
func labelOf(s, bold string) (label, rest string, is Role) {
	if m := labelForm.FindStringSubmatch(s); m != nil {
		label, rest = m[1], m[2]
	} else if rest, _ = strings.CutPrefix(s, bold); bold != "" && len(rest) < len(s) {
		label, rest = bold, strings.TrimLeft(rest, " :–—-\n")
	} else {
		if m := bareForm.FindStringSubmatch(s); m == nil || len(reached(s).phones)+len(reached(s).emails) == 0 {
			return "", "", ""
		} else {
			label, rest = m[1], m[2]
		}
	}
	is, exact := roleOf(label)
	switch {
	case rest == "" || !isTopic(label) || is == Name || is == generic || is == person:
		return "", "", ""
	case is == "" && bold != "" && strings.HasPrefix(label, bold):
		return label, rest, Fact
	case !exact && len(strings.Fields(label)) > 4:
		return "", "", ""
	}
	return label, rest, is
}

// lines adds the lines of a paragraph: those with a label or an address, and the others as
// what the division does.
func (o *outliner) lines(s, bold string) {
	var rest []string
	for l := range strings.SplitSeq(s, "\n") {
		label, value, is := labelOf(l, bold)
		switch {
		case is == URL && o.linked && len(reached(value).urls) == 0: // the words of a link
		case is != "":
			o.say(o.current, is, label, value)
		case isReach(l):
			o.say(o.current, Contact, "", l)
		case l != "":
			rest = append(rest, l)
		}
		bold = ""
	}
	switch {
	case len(rest) == 0:
	case o.part == Contact:
		o.say(o.current, Contact, o.label, strings.Join(rest, "\n"))
	case o.part == Handles:
		o.say(o.current, Handles, "", strings.Join(rest, "\n"))
	default:
		o.say(o.current, Summary, "", strings.Join(rest, " "))
	}
}

var ownPage = regexp.MustCompile(`(?i)\b(web ?site|home ?page|learn more|read more|more information|visit|` +
	`department page|` +
	`view (page|details)|details|more)\b`)

// isWebLabel reports whether a label such as "Web site" stands before a link.
func isWebLabel(b block, l link) bool {
	is, _ := roleOf(b.label)
	if b.kind == labelled && is == URL {
		return true
	}
	for s := range strings.SplitSeq(b.text, "\n") {
		if _, value, is := labelOf(s, b.bold); is == URL && value == l.label {
			return true
		}
	}
	return false
}

// links adds the addresses of a block. Own says that a link leads to the division's page.
func (o *outliner) links(b block, own bool) {
	e := &o.File.Divisions[o.current]
	for _, l := range b.links {
		if rest, ok := cutScheme(l.address, "mailto:"); ok {
			if address, err := mail.ParseAddress(rest); err == nil && address.Address == rest {
				set(e, &e.Contact.Email, "Other e-mail", rest)
			}
			continue
		}
		if rest, ok := cutScheme(l.address, "tel:"); ok {
			if numbers := reached(b.text).phones; len(numbers) == 0 && isPhone(rest) {
				set(e, &e.Contact.Phone, "Other phone", rest)
			}
			continue
		}
		address := absolute(o.base, l.address)
		switch {
		case address == "" && strings.HasPrefix(l.address, "#"), l.address == "":
		case address == "":
			o.unused("%s: the link %s", o.name(), short(l.address))
		case own || isWebLabel(b, l) || ownPage.MatchString(l.label) || webAddress(l.label) != "":
			addPage(e, l.label, address)
		case !slices.ContainsFunc(e.Links, func(k knowledge.Link) bool { return k.URL.Text == address }):
			e.Links = append(e.Links, knowledge.Link{Title: line(l.label), URL: line(address)})
		}
	}
}

// cutScheme takes the scheme, and what follows the address, off a link.
func cutScheme(address, scheme string) (rest string, ok bool) {
	if len(address) < len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		return "", false
	}
	rest, _, _ = strings.Cut(address[len(scheme):], "?")
	if plain, err := url.PathUnescape(rest); err == nil {
		rest = plain
	}
	return strings.TrimSpace(rest), true
}
