package draft

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge"
)

// finish gives the divisions ids, resolves names, and shortens what a knowledge file may not
// hold.
func (d *Draft) finish() {
	d.File.Version = 1
	taken := map[string]bool{}
	for i := range d.File.Divisions {
		id := &d.File.Divisions[i].ID
		if id.Text != "" && taken[id.Text] {
			id.Text = ""
		}
		taken[id.Text] = true
	}
	for i := range d.File.Divisions {
		if e := &d.File.Divisions[i]; e.ID.Text == "" {
			e.ID = line(newID(taken, e.Name.Text, "division"))
		}
	}
	d.resolve()
	d.fit(reflect.ValueOf(&d.File).Elem(), "", "", "the file")
}

// resolve replaces the names of divisions that may help as well by their ids.
func (d *Draft) resolve() {
	byName := map[string]int{}
	for i := len(d.File.Divisions) - 1; i >= 0; i-- {
		e := &d.File.Divisions[i]
		for _, l := range e.Aliases {
			byName[nameKey(l.Text)] = i
		}
	}
	for i := len(d.File.Divisions) - 1; i >= 0; i-- {
		e := &d.File.Divisions[i]
		byName[nameKey(e.Name.Text)], byName[nameKey(e.ID.Text)] = i, i
	}
	for _, s := range d.see {
		e := &d.File.Divisions[s.from]
		if to, ok := byName[nameKey(s.name)]; ok && to != s.from {
			e.SeeAlso = with(e.SeeAlso, "see_also", d.File.Divisions[to].ID.Text)
		} else if !ok {
			fact(e, "See also", s.name)
		}
	}
}

var (
	lineType  = reflect.TypeFor[knowledge.Line]()
	linesType = reflect.TypeFor[[]knowledge.Line]()
	factsType = reflect.TypeFor[knowledge.Facts]()
)

// fit brings a value of a File within the bounds of knowledge files. The key is the one it is
// under, and where names the division that it belongs to.
func (d *Draft) fit(v reflect.Value, key, is, where string) {
	switch {
	case v.Type() == lineType:
		l := v.Addr().Interface().(*knowledge.Line)
		l.Text = d.fitText(l.Text, key, is, where)
	case v.Type() == factsType:
		d.fitFacts(v.Addr().Interface().(*knowledge.Facts), where)
	case v.Kind() == reflect.Struct:
		if e, ok := v.Addr().Interface().(*knowledge.Division); ok {
			where = e.Name.Text
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			d.fit(v.Field(i), f.Tag.Get("yaml"), f.Tag.Get("is"), where)
		}
	case v.Kind() == reflect.Slice:
		most, different := knowledge.ListLimit(key)
		seen := map[string]bool{}
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i := range v.Len() {
			item := v.Index(i)
			d.fit(item, key, is, where)
			if l, ok := item.Interface().(knowledge.Line); ok {
				if l.Text == "" || different && seen[l.Text] {
					continue
				}
				seen[l.Text] = true
			}
			if kept.Len() == most && key != "divisions" { // too many divisions are an error
				d.unused("%s: the %s after the first %d", where, key, most)
				break
			}
			kept = reflect.Append(kept, item)
		}
		v.Set(kept)
	}
}

func (d *Draft) fitText(s, key, is, where string) string {
	most, lines := knowledge.TextLimit(is)
	s = strings.TrimSpace(visible(s))
	if !lines {
		s = oneLine(s)
	}
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	cut := string([]rune(s)[:most])
	if space := strings.LastIndexAny(cut, " \n"); space > most/2 {
		cut = cut[:space]
	}
	d.unused("%s: the end of a text under %s: %s", where, key, short(s[len(cut):]))
	return strings.TrimSpace(cut)
}

func (d *Draft) fitFacts(facts *knowledge.Facts, where string) {
	most, _ := knowledge.ListLimit("facts")
	seen := map[string]bool{}
	var kept knowledge.Facts
	for _, f := range *facts {
		label := oneLine(visible(f.Label.Text))
		for len(label) > knowledge.LabelLimit {
			_, n := utf8.DecodeLastRuneInString(label)
			label = label[:len(label)-n]
		}
		if strings.TrimSpace(label) == "" {
			label = "Other"
		}
		base := label
		for n := 2; seen[label]; n++ {
			label = fmt.Sprintf("%s (%d)", base[:min(len(base), knowledge.LabelLimit-8)], n)
		}
		f.Label.Text = strings.ToValidUTF8(label, "")
		if f.Text.Text = d.fitText(f.Text.Text, label, "prose", where); f.Text.Text == "" {
			continue
		}
		if len(kept) == most {
			d.unused("%s: the facts after the first %d", where, most)
			break
		}
		seen[label] = true
		kept = append(kept, f)
	}
	*facts = kept
}
