package bot

import "strings"

// Plain is the whole answer as text without markup, for notifications, screen readers
// and programs.
func (a Answer) Plain() string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	add(a.Urgent.Plain())
	add(a.Title)
	if a.Evidence != nil {
		line := a.Evidence.Title
		if text := a.Evidence.Text.Plain(); text != "" {
			line += ": " + text
		}
		add(line)
	}
	add(a.Body.Plain())
	var lines []string
	for _, e := range a.Examples {
		lines = append(lines, "- "+e)
	}
	add(strings.Join(lines, "\n"))
	lines = nil
	for _, f := range a.Facts {
		lines = append(lines, f.Label+": "+f.Text)
	}
	add(strings.Join(lines, "\n"))
	lines = nil
	for _, o := range a.Offers {
		line := "- " + o.Title
		if text := o.Text.Plain(); text != "" {
			line += ": " + text
		}
		lines = append(lines, line)
	}
	add(strings.Join(lines, "\n"))
	if len(a.SeeAlso) > 0 {
		var names []string
		for _, o := range a.SeeAlso {
			names = append(names, o.Title)
		}
		add(LabelSeeAlso + ": " + strings.Join(names, ", "))
	}
	lines = nil
	for _, l := range a.Links {
		lines = append(lines, l.Title+": "+l.URL)
	}
	add(strings.Join(lines, "\n"))
	add(a.Source.String())
	return strings.Join(parts, "\n\n")
}

func (s Source) String() string {
	if s.Title == "" && s.URL == "" {
		return ""
	}
	line := "Source: " + s.Title
	if s.URL != "" && s.URL != s.Title {
		line += ", " + s.URL
	}
	if s.Seen != "" {
		line += " (seen " + s.Seen + ")"
	}
	return line
}
