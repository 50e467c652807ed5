package discord

import (
	"regexp"
	"strconv"
	"strings"

	"frontdesk/knowledge/text"
)

// markdown writes a text tree as Discord's Markdown
// (support.discord.com/hc/en-us/articles/210298617). Plain words are escaped, so that only
// the tree decides what is bold, a list or a link.
func markdown(t text.Text) string {
	return strings.Join(lines(t, 0), "\n")
}

// lines returns the lines of a text that is nested in depth lists.
func lines(t text.Text, depth int) []string {
	var all []string
	for i, b := range t {
		if i > 0 && depth == 0 {
			all = append(all, "")
		}
		switch b := b.(type) {
		case text.Paragraph:
			all = append(all, strings.Split(spans(b), "\n")...)
		case text.List:
			all = append(all, listLines(b, depth)...)
		case text.CodeBlock:
			all = append(all, codeLines(strings.TrimRight(string(b), "\n"))...)
		case text.Quote:
			for _, line := range lines(text.Text(b), 0) {
				all = append(all, "> "+line)
			}
		}
	}
	return all
}

func listLines(l text.List, depth int) []string {
	var all []string
	for i, item := range l.Items {
		mark := "- "
		if l.Ordered {
			mark = strconv.Itoa(l.First+i) + ". "
		}
		for j, line := range lines(item, depth+1) {
			if j > 0 {
				mark = strings.Repeat(" ", len(mark))
			}
			all = append(all, mark+line)
		}
	}
	return all
}

func codeLines(code string) []string {
	const fence = "```"
	if strings.Contains(code, "``") { // it would end the block
		return strings.Split(escape(code), "\n")
	}
	return append(append([]string{fence}, strings.Split(code, "\n")...), fence)
}

func spans(p text.Paragraph) string {
	var b strings.Builder
	for _, s := range p {
		switch {
		case s.IsBreak():
			b.WriteByte('\n')
		case s.URL != "":
			b.WriteString(styled(link(s.Text, s.URL), s.Style))
		case s.Style&text.Code != 0 && !strings.ContainsAny(s.Text, "`\n"):
			b.WriteString(styled("`"+s.Text+"`", s.Style))
		default:
			b.WriteString(styled(escape(s.Text), s.Style))
		}
	}
	return lineStarts(b.String())
}

// styled makes words bold or italic. Spaces at the ends stay outside of the marks, since
// Discord ignores a mark next to a space.
func styled(s string, style text.Style) string {
	inner := strings.TrimSpace(s)
	if inner == "" || style&(text.Strong|text.Emphasis) == 0 {
		return s
	}
	at := strings.Index(s, inner)
	before, after := s[:at], s[at+len(inner):]
	if style&text.Emphasis != 0 {
		inner = "_" + inner + "_"
	}
	if style&text.Strong != 0 {
		inner = "**" + inner + "**"
	}
	return before + inner + after
}

// link returns a link to the web. A mail address is plain text, since Discord has no links
// to them.
func link(label, address string) string {
	if mail, ok := strings.CutPrefix(address, "mailto:"); ok {
		if label == mail {
			return escape(label)
		}
		return escape(label) + " (" + escape(mail) + ")"
	}
	if webAddress(address) == "" {
		return escape(label)
	}
	if label == address {
		return "<" + address + ">"
	}
	return "[" + escape(label) + "](<" + address + ">)"
}

var escaper = strings.NewReplacer(
	`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "`", "\\`", "|", `\|`,
	"[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "@", `\@`,
)

// escape escapes the characters of Discord's Markdown, except those that count only at the
// beginning of a line. Web addresses stay as they are: Discord turns them into links
// before it parses marks.
func escape(s string) string {
	if !strings.Contains(s, "http") {
		return escaper.Replace(s)
	}
	var b strings.Builder
	for {
		at := address.FindStringIndex(s)
		if at == nil {
			b.WriteString(escaper.Replace(s))
			return b.String()
		}
		b.WriteString(escaper.Replace(s[:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
}

// address matches a web address without characters that could be marks around it.
var address = regexp.MustCompile(`\bhttps?://[A-Za-z0-9._~:/?#&+,;=%-]+`)

// lineStart matches the beginning of a heading, of small text or of a list item.
var lineStart = regexp.MustCompile(`(?m)^([ \t]*)(#{1,3} |-# |[-+] |(\d+)\. )`)

// lineStarts escapes the beginnings of lines.
func lineStarts(s string) string {
	return lineStart.ReplaceAllStringFunc(s, func(m string) string {
		at := strings.IndexAny(m, "#-+.")
		return m[:at] + `\` + m[at:]
	})
}

// words escapes a text completely.
func words(s string) string { return lineStarts(escape(s)) }
