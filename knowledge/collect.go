package knowledge

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/text"
	"frontdesk/knowledge/words"
)

//go:embed background.txt
var backgroundText string

// collector goes through a file and takes what can be matched.
type collector struct {
	*index
	source ranking.Source
	flat   bool
	asked  map[ranking.Layer]int // example questions so far, to deal them out to the folds
}

// layerOf is the layer of what is marked so.
func (c *collector) layerOf(m marks) ranking.Layer {
	if c.flat {
		return ranking.Public
	}
	return c.layers.of(m)
}

// miss is the text of a near miss, for the class that it belongs to.
type miss struct {
	text  string
	layer ranking.Layer
}

// collect fills the source, and the index with what belongs to the same numbers.
func (c *collector) collect() {
	f := c.file
	c.asked = map[ranking.Layer]int{}
	marked := map[string]marks{} // by id of the division
	for i := range f.Divisions {
		d := &f.Divisions[i]
		marked[d.ID.Text] = marks(nil).and(d.Audience)
	}
	misses := map[string][]miss{} // by id of the division that does handle them
	c.missLayers = make([][]ranking.Layer, len(f.Divisions))
	for i := range f.Divisions {
		d := &f.Divisions[i]
		for _, n := range d.NotFor {
			own := marked[d.ID.Text].and(n.Audience)
			both := own.all(marked[n.See.Text])
			shown := both // without a word of its own it goes with what it points to
			if n.Say.Text != "" {
				shown = own
			}
			c.missLayers[i] = append(c.missLayers[i], c.layerOf(shown))
			if n.See.Text != "" {
				misses[n.See.Text] = append(misses[n.See.Text], miss{n.Text.Text, c.layerOf(both)})
			}
			if n.See.Text == "" || n.Say.Text != "" && c.layerOf(both) != c.layerOf(own) {
				// for those who do not see what handles it
				misses[""] = append(misses[""], miss{n.Text.Text, c.layerOf(own)})
			}
		}
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		c.division(int32(i), d, marked[d.ID.Text])
		for _, n := range misses[d.ID.Text] {
			c.take(n.layer, ranking.FieldText, n.text)
		}
	}
	c.declines()
	c.class(ranking.Background, "", ranking.Public)
	for _, n := range misses[""] {
		c.take(n.layer, ranking.FieldText, n.text)
	}
	c.background()
	c.class(ranking.AllDivisions, "", ranking.Public)

	c.phrase(ranking.Public, ranking.OwnerName, -1, -1, f.Organization.Name.Text)
	for _, a := range f.Organization.Aliases {
		c.phrase(ranking.Public, ranking.OwnerName, -1, -1, a.Text)
	}
	for i, u := range f.Urgent {
		for _, p := range u.Phrases {
			for _, variant := range words.Contractions(p.Text) {
				c.phrase(ranking.Public, ranking.DangerSign, int32(i), -1, variant)
			}
		}
	}
	c.source.Classes, c.source.Layers = c.classes, c.layers.Layers
	c.source.Synonyms, c.source.FalseAnswers = c.synonyms(), f.budget()
}

// declines takes the topics that are declined. What comes to the desk is more varied
// than what the file foresees: where there are enough of them, each topic is held out
// as a whole.
func (c *collector) declines() {
	layers, topics := make([]ranking.Layer, len(c.file.Declines)), map[ranking.Layer]int{}
	for i, d := range c.file.Declines {
		layers[i] = c.layerOf(marks(nil).and(d.Audience))
		topics[layers[i]]++
	}
	nth := map[ranking.Layer]int{}
	for i, d := range c.file.Declines {
		l := layers[i]
		c.class(ranking.Declined, d.ID.Text, l)
		c.take(l, ranking.FieldName, d.Topic.Text)
		for _, q := range d.Questions {
			if c.ask(l, q.Text); q.Text != "" && topics[l] >= ranking.Folds {
				c.last().Fold = int8(nth[l] % ranking.Folds)
			}
		}
		nth[l]++
	}
}

func (c *collector) class(kind ranking.Kind, id string, l ranking.Layer) {
	c.classes = append(c.classes, ranking.Class{Kind: kind, Layer: l})
	c.ids = append(c.ids, id)
}

func (c *collector) division(i int32, d *Division, m marks) {
	l := c.layerOf(m)
	c.class(ranking.Division, d.ID.Text, l)
	e := Entry{Division: d, Summary: text.Parse(d.Summary.Text)}
	c.take(l, ranking.FieldName, d.Name.Text)
	c.phrase(l, ranking.DivisionName, i, -1, d.Name.Text)
	for _, a := range d.Aliases {
		c.take(l, ranking.FieldName, a.Text)
		c.phrase(l, ranking.DivisionName, i, -1, a.Text)
	}
	for _, s := range text.Sentences(e.Summary.Plain()) {
		c.take(l, ranking.FieldName, s)
	}
	var in []ranking.Layer // of the items
	for n, h := range d.Handles {
		in = append(in, c.layerOf(m.and(h.Audience)))
		item := Item{Title: h.Topic.Text, Text: text.Parse(h.Text.Text)}
		e.Handles = append(e.Handles, item)
		c.item(in[n], i, int32(n), ranking.TopicName, item, []string{h.Topic.Text}, h.Keywords)
		c.phrase(in[n], ranking.TopicName, i, int32(n), h.Topic.Text)
	}
	for k, p := range d.Programs {
		in = append(in, c.layerOf(m.and(p.Audience)))
		item := Item{Title: p.Name.Text, Text: text.Parse(p.Text.Text)}
		if p.Acronym.Text != "" {
			item.Title += " (" + p.Acronym.Text + ")"
		}
		e.Programs = append(e.Programs, item)
		n := len(d.Handles) + k
		c.item(in[n], i, int32(n), ranking.ProgramName, item, []string{p.Name.Text, p.Acronym.Text}, p.Keywords)
		c.phrase(in[n], ranking.ProgramName, i, int32(n), p.Name.Text)
		c.phrase(in[n], ranking.ProgramName, i, int32(n), p.Acronym.Text)
	}
	for k, n := range d.NotFor {
		e.NotFor = append(e.NotFor, n.item())
		c.source.NearMisses = append(c.source.NearMisses,
			ranking.NearMiss{Division: i, Layer: c.missLayers[i][k], Text: n.Text.Text})
	}
	for _, q := range d.Questions {
		c.ask(l, q.Text)
	}
	for n, h := range d.Handles {
		for _, q := range h.Questions {
			c.ask(in[n], q.Text)
		}
	}
	for k, p := range d.Programs {
		for _, q := range p.Questions {
			c.ask(in[len(d.Handles)+k], q.Text)
		}
	}
	c.divisions = append(c.divisions, e)
	c.itemLayers = append(c.itemLayers, in)
}

func (n *NotFor) item() Item {
	return Item{Title: n.Text.Text, Text: text.Parse(n.Say.Text), See: n.See.Text}
}

func (c *collector) item(
	l ranking.Layer, division, n int32, kind ranking.PhraseKind, item Item, titles []string, keywords []Line,
) {
	texts := ranking.Item{Division: division, Layer: l, Titles: titles, Text: item.Text.Plain()}
	c.take(l, ranking.FieldName, item.Title)
	for _, s := range text.Sentences(texts.Text) {
		c.take(l, ranking.FieldText, s)
	}
	for _, k := range keywords {
		c.take(l, ranking.FieldAsk, k.Text)
		c.phrase(l, ranking.Keyword, division, n, k.Text)
		texts.Keywords = append(texts.Keywords, k.Text)
	}
	c.source.Items = append(c.source.Items, texts)
}

// background takes the built-in examples of what no desk answers, except
// those that the file claims for itself.
func (c *collector) background() {
	claimed := map[string][]ranking.Layer{}
	for _, e := range c.source.Examples {
		if e.Fold >= 0 {
			claimed[words.Normal(e.Text)] = append(claimed[words.Normal(e.Text)], e.Layer)
		}
	}
	for line := range strings.Lines(backgroundText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		by := claimed[words.Normal(line)]
		if slices.Contains(by, ranking.Public) {
			continue
		}
		c.ask(ranking.Public, line)
		c.last().Claimed = by
	}
}

// take adds an example to the class that was begun last.
func (c *collector) take(l ranking.Layer, f ranking.Field, text string) {
	if text != "" {
		e := ranking.Example{Text: text, Class: len(c.classes) - 1, Layer: l, Field: f, Fold: -1}
		c.source.Examples = append(c.source.Examples, e)
	}
}

// last is the example that was added last.
func (c *collector) last() *ranking.Example { return &c.source.Examples[len(c.source.Examples)-1] }

// ask adds an example question, one that is held out in its turn.
func (c *collector) ask(l ranking.Layer, text string) {
	if text == "" {
		return
	}
	c.take(l, ranking.FieldAsk, text)
	c.last().Fold = int8(c.asked[l] % ranking.Folds)
	c.asked[l]++
}

func (c *collector) phrase(l ranking.Layer, kind ranking.PhraseKind, division, item int32, text string) {
	if text != "" {
		p := ranking.Phrase{Kind: kind, Division: division, Item: item, Layer: l, Text: text}
		c.source.Phrases = append(c.source.Phrases, p)
	}
}

// defaultFalseAnswers is the share of answers, in percent, that may be false.
const defaultFalseAnswers = 6.5

// budget is the share of answers that may be false.
func (f *File) budget() float64 {
	if n, err := strconv.ParseFloat(strings.TrimSuffix(f.FalseAnswers.Text, "%"), 64); err == nil && n > 0 {
		return n / 100
	}
	return defaultFalseAnswers / 100.0
}

// synonyms are those of the file. Whoever does not see a word anywhere although it
// stands somewhere does not know it as a synonym either.
func (c *collector) synonyms() ranking.Synonyms {
	stands, known := c.file.hiddenSynonyms(&c.layers), ranking.Synonyms{}
	for i, group := range c.file.Synonyms {
		for k, l := range group {
			if parts := words.Split(l.Text); len(parts) == 1 || k == 0 && len(parts) > 0 { // check warns of longer ones
				s := words.Stem(parts[0].Text)
				known[s] = ranking.Synonym{Group: "=" + strconv.Itoa(i), In: stands[s]}
			}
		}
	}
	return known
}
