package draft

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"frontdesk/knowledge/text"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blockKind is what a block of a page is.
type blockKind int

const (
	heading blockKind = iota
	paragraph
	item      // of a list
	labelled  // a label and what it stands for, such as a term of a definition list
	directory // a table with a header
)

// block is a part of a page.
type block struct {
	kind  blockKind
	level int    // of a heading: 1 to 6, or one of the levels below
	label string // of a labelled block
	text  string
	bold  string // the strong words, or the link, that an item begins with
	links []link
	rows  [][]string // of a directory
	list  int        // of an item: which list of the page it is in
}

// Levels of what serves as a heading without being one.
const (
	levelSummary = 7 + iota // the summary of details that can be opened
	levelTerm               // a term of a definition list
	levelBold               // a paragraph that is all bold
	levels
)

type link struct{ label, address string }

// page collects the blocks of a page.
type page struct {
	blocks []block
	lists  int
	// of the paragraph that is being read:
	text   strings.Builder
	bold   strings.Builder
	links  []link
	strong int // how many strong elements are open
	item   int // the list that is open, or 0
}

// readMarkdown reads a Markdown page, perhaps with front matter.
func (d *Draft) readMarkdown(source string, o Options) error {
	if len(source) > maxMarkdown {
		return fmt.Errorf("the page has more than %d KiB; divide it", maxMarkdown>>10)
	}
	for block := range strings.SplitSeq(source, "\n\n") {
		if len(block) > maxMarkup && strings.Count(block, "*")+strings.Count(block, "_")+strings.Count(block, "[")+
			strings.Count(block, ">")+strings.Count(block, "<")+strings.Count(block, "`") > maxMarkup {
			return fmt.Errorf("the page has a paragraph with more than %d characters of markup; simplify it", maxMarkup)
		}
	}
	if rest, ok := strings.CutPrefix(source, "---\n"); ok {
		if matter, body, ok := strings.Cut(rest, "\n---\n"); ok {
			source = body
			for l := range strings.Lines(matter) {
				if title, ok := strings.CutPrefix(l, "title:"); ok {
					d.File.Source.Title = line(strings.Trim(strings.TrimSpace(title), `"'`))
				}
			}
		}
	}
	return d.readHTML(text.HTML(source), o)
}

// readHTML reads a page of the web.
func (d *Draft) readHTML(source string, o Options) error {
	if len(source) > maxPage || strings.Count(source, "<") > maxTags {
		return fmt.Errorf("the page has more than %d MiB or %d tags; save only the part about divisions",
			maxPage>>20, maxTags)
	}
	tree, err := html.Parse(strings.NewReader(spaced(source)))
	if err != nil {
		return fmt.Errorf("the page cannot be read (%w); copy its text into a Markdown file", err)
	}
	d.page = true
	p := page{}
	d.head(tree)
	p.children(mainOf(tree), 0)
	p.flush()
	if err := d.outline(p.blocks, o); err != nil {
		return err
	}
	if d.File.Source.Title.Text+d.File.Source.URL.Text != "" {
		d.File.Source.Seen = line(o.Seen)
	}
	return nil
}

// attr is an attribute of an element.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

var (
	savedForm    = regexp.MustCompile(`^\s*saved from url=\(\d+\)(\S+)`) // a comment that browsers write
	languageForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// head reads what the page says of itself.
func (d *Draft) head(tree *html.Node) {
	title, canonical, saved := "", "", ""
	for n := range tree.Descendants() {
		switch {
		case n.Type == html.CommentNode:
			if m := savedForm.FindStringSubmatch(n.Data); m != nil && saved == "" {
				saved = m[1]
			}
		case n.Type != html.ElementNode:
		case n.DataAtom == atom.Html && languageForm.MatchString(attr(n, "lang")):
			d.File.Language = line(attr(n, "lang"))
		case n.DataAtom == atom.Title && title == "" && n.Parent != nil && n.Parent.DataAtom == atom.Head:
			title = strings.Join(strings.Fields(textOf(n)), " ")
		case n.DataAtom == atom.Base && d.base == nil:
			d.base, _ = url.Parse(attr(n, "href"))
		case n.DataAtom == atom.Link && strings.EqualFold(attr(n, "rel"), "canonical"):
			canonical = attr(n, "href")
		case n.DataAtom == atom.Meta && attr(n, "property") == "og:url" && canonical == "":
			canonical = attr(n, "content")
		case n.DataAtom == atom.Meta && attr(n, "property") == "og:site_name":
			d.File.Organization.Name = line(attr(n, "content"))
		}
	}
	for _, address := range []string{canonical, saved} {
		if u := absolute(d.base, address); u != "" && d.File.Source.URL.Text == "" {
			d.File.Source.URL = line(u)
		}
	}
	if d.base == nil || d.base.Host == "" {
		d.base, _ = url.Parse(d.File.Source.URL.Text)
	}
	if d.File.Source.Title.Text == "" {
		d.File.Source.Title = line(title)
	}
	if at := strings.LastIndex(title, " | "); at > 0 && d.File.Organization.Name.Text == "" {
		d.File.Organization.Name = line(title[at+3:])
	}
	if name := d.File.Organization.Name.Text; name != "" {
		d.notef("The organization is taken to be “%s”.", short(name))
	}
}

// absolute is a web address that a page refers to, or "" if it is none.
func absolute(base *url.URL, address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// mainOf is the element with the contents of a page.
func mainOf(tree *html.Node) *html.Node {
	root, found := tree, 0
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.DataAtom == atom.Body && found == 0 {
			root = n
		}
		if n.DataAtom == atom.Main || attr(n, "role") == "main" {
			if found == 0 {
				root = n
			}
			found++
		}
	}
	return root
}

// textOf is the text in an element.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && !isSkipped(c.Parent) {
			b.WriteString(c.Data)
		} else if c.DataAtom == atom.Br || c.DataAtom == atom.P || c.DataAtom == atom.Div || c.DataAtom == atom.Li {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// contains reports whether an element has one with one of the names.
func contains(n *html.Node, names ...atom.Atom) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && slices.Contains(names, c.DataAtom) {
			return true
		}
	}
	return false
}

// headings are the elements of headings, in the order of their levels.
var headings = []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}

var (
	skipped = []atom.Atom{atom.Nav, atom.Aside, atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe,
		atom.Svg, atom.Button, atom.Dialog, atom.Select, atom.Input, atom.Textarea, atom.Object, atom.Video, atom.Audio,
		atom.Canvas, atom.Head, atom.Label, atom.Footer, atom.Sup}
	skippedRoles = []string{"navigation", "banner", "contentinfo", "dialog", "alertdialog", "search", "menu", "menubar"}
	skippedForm  = regexp.MustCompile(`(?i)(^|[\s_-])(cookies?|consent|gdpr|breadcrumbs?|skip-?(link|nav|to)?|` +
		`pagination|pager|` +
		`newsletter|navbar|nav|menu|navigation|share-?(buttons|links|bar|this)|social-?(media|links|icons|share)|` +
		`sr-only|visually-hidden|screen-reader-text|back-to-top)([\s_-]|$)`)
)

// isSkipped reports whether an element is not part of the contents of a page.
func isSkipped(n *html.Node) bool {
	if n.Type != html.ElementNode || n.DataAtom == atom.Body || n.DataAtom == atom.Html || n.DataAtom == atom.Main {
		return false
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "aria-hidden" && a.Val == "true" ||
			a.Key == "role" && slices.Contains(skippedRoles, a.Val) {
			return true
		}
	}
	switch {
	case n.DataAtom == atom.Footer: // of an article it may have the contact
		return !within(n, atom.Article, atom.Section, atom.Li)
	case slices.Contains(skipped, n.DataAtom):
		return true
	case n.DataAtom == atom.Form: // some pages are one form
		return !contains(n, atom.H1, atom.H2, atom.H3, atom.H4, atom.Table)
	case n.DataAtom == atom.Header: // of an article it has the heading
		return !within(n, atom.Article, atom.Section, atom.Main, atom.Li) && !contains(n, headings...)
	}
	return skippedForm.MatchString(attr(n, "class")) && !isLarge(n) ||
		strings.Contains(strings.ToLower(attr(n, "id")), "cookie") && !isLarge(n)
}

// isLarge reports whether an element has several headings, so that it is more than a banner or
// a menu, whatever its class says.
func isLarge(n *html.Node) bool {
	found := 0
	for c := range n.Descendants() {
		if slices.Contains(headings, c.DataAtom) {
			if found++; found > 2 {
				return true
			}
		}
	}
	return false
}

func within(n *html.Node, names ...atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if slices.Contains(names, p.DataAtom) {
			return true
		}
	}
	return false
}
