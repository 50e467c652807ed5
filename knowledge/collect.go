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

// collector collects from a file the source of the ranking.
type collector struct {
	*index
	source ranking.Source
	flat   bool
	asked  map[ranking.Layer]int // the number of example questions so far
}

// layerOf is the layer with these conditions.
func (c *collector) layerOf(of conditions) ranking.Layer {
	if c.flat {
		return ranking.Public
	}
	return c.layers.of(of)
}

// nearMiss is the text of a near miss as an example of a class.
type nearMiss struct {
	text  string
	layer ranking.Layer
}

// collect fills the source, and the lists of the index in the same order.
func (c *collector) collect() {
	f := c.file
	c.asked = map[ranking.Layer]int{}
	ofDivision := map[string]conditions{} // by id
	for i := range f.Divisions {
		d := &f.Divisions[i]
		ofDivision[d.ID.Text] = conditions(nil).and(d.Audience)
	}
	misses := map[string][]nearMiss{} // by id of the division that handles them, or ""
	c.missLayers = make([][]ranking.Layer, len(f.Divisions))
	for i := range f.Divisions {
		d := &f.Divisions[i]
		for _, n := range d.NotFor {
			own := ofDivision[d.ID.Text].and(n.Audience)
			both := own.andAll(ofDivision[n.See.Text])
			shown := both // without say it is only shown together with the other division
			if n.Say.Text != "" {
				shown = own
			}
			c.missLayers[i] = append(c.missLayers[i], c.layerOf(shown))
			if n.See.Text != "" {
				misses[n.See.Text] = append(misses[n.See.Text], nearMiss{n.Text.Text, c.layerOf(both)})
			}
			if n.See.Text == "" || n.Say.Text != "" && c.layerOf(both) != c.layerOf(own) {
				// for readers who do not see the other division
				misses[""] = append(misses[""], nearMiss{n.Text.Text, c.layerOf(own)})
			}
		}
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		c.addDivision(int32(i), d, ofDivision[d.ID.Text])
		for _, n := range misses[d.ID.Text] {
			c.addExample(n.layer, ranking.FieldText, n.text)
		}
	}
	c.addDeclines()
	c.addClass(ranking.Background, "", ranking.Public)
	for _, n := range misses[""] {
		c.addExample(n.layer, ranking.FieldText, n.text)
	}
	c.addBackground()
	c.addClass(ranking.AllDivisions, "", ranking.Public)

	c.addPhrase(ranking.Public, ranking.OwnerName, -1, -1, f.Organization.Name.Text)
	for _, a := range f.Organization.Aliases {
		c.addPhrase(ranking.Public, ranking.OwnerName, -1, -1, a.Text)
	}
	for i, u := range f.Urgent {
		for _, p := range u.Phrases {
			for _, variant := range words.Contractions(p.Text) {
				c.addPhrase(ranking.Public, ranking.DangerSign, int32(i), -1, variant)
			}
		}
	}
	c.source.Classes, c.source.Layers = c.classes, c.layers.Layers
	c.source.Synonyms, c.source.FalseAnswers = c.synonyms(), f.falseAnswers()
}

// addDeclines adds the declined topics. If a layer has at least one for each fold, all
// questions of a topic are in the same fold: people also ask about topics that the file
// does not foresee, so each topic is held out as a whole.
func (c *collector) addDeclines() {
	layers, topics := make([]ranking.Layer, len(c.file.Declines)), map[ranking.Layer]int{}
	for i, d := range c.file.Declines {
		layers[i] = c.layerOf(conditions(nil).and(d.Audience))
		topics[layers[i]]++
	}
	nth := map[ranking.Layer]int{}
	for i, d := range c.file.Declines {
		l := layers[i]
		c.addClass(ranking.Declined, d.ID.Text, l)
		c.addExample(l, ranking.FieldName, d.Topic.Text)
		for _, q := range d.Questions {
			if c.addQuestion(l, q.Text); q.Text != "" && topics[l] >= ranking.Folds {
				c.last().Fold = int8(nth[l] % ranking.Folds)
			}
		}
		nth[l]++
	}
}

// addClass adds a class, to which the examples that are added next belong.
func (c *collector) addClass(kind ranking.Kind, id string, l ranking.Layer) {
	c.classes = append(c.classes, ranking.Class{Kind: kind, Layer: l})
	c.ids = append(c.ids, id)
}

func (c *collector) addDivision(i int32, d *Division, own conditions) {
	l := c.layerOf(own)
	c.addClass(ranking.Division, d.ID.Text, l)
	e := Entry{Division: d, Summary: text.Parse(d.Summary.Text)}
	c.addExample(l, ranking.FieldName, d.Name.Text)
	c.addPhrase(l, ranking.DivisionName, i, -1, d.Name.Text)
	for _, a := range d.Aliases {
		c.addExample(l, ranking.FieldName, a.Text)
		c.addPhrase(l, ranking.DivisionName, i, -1, a.Text)
	}
	for _, s := range text.Sentences(e.Summary.Plain()) {
		c.addExample(l, ranking.FieldName, s)
	}
	var in []ranking.Layer // the layers of the items
	for n, h := range d.Handles {
		in = append(in, c.layerOf(own.and(h.Audience)))
		item := Item{Title: h.Topic.Text, Text: text.Parse(h.Text.Text)}
		e.Handles = append(e.Handles, item)
		c.addItem(in[n], i, int32(n), ranking.TopicName, item, []string{h.Topic.Text}, h.Keywords)
		c.addPhrase(in[n], ranking.TopicName, i, int32(n), h.Topic.Text)
	}
	for k, p := range d.Programs {
		in = append(in, c.layerOf(own.and(p.Audience)))
		item := Item{Title: p.Name.Text, Text: text.Parse(p.Text.Text)}
		if p.Acronym.Text != "" {
			item.Title += " (" + p.Acronym.Text + ")"
		}
		e.Programs = append(e.Programs, item)
		n := len(d.Handles) + k
		c.addItem(in[n], i, int32(n), ranking.ProgramName, item, []string{p.Name.Text, p.Acronym.Text}, p.Keywords)
		c.addPhrase(in[n], ranking.ProgramName, i, int32(n), p.Name.Text)
		c.addPhrase(in[n], ranking.ProgramName, i, int32(n), p.Acronym.Text)
	}
	for k, n := range d.NotFor {
		e.NotFor = append(e.NotFor, n.item())
		c.source.NearMisses = append(c.source.NearMisses,
			ranking.NearMiss{Division: i, Layer: c.missLayers[i][k], Text: n.Text.Text})
	}
	for _, q := range d.Questions {
		c.addQuestion(l, q.Text)
	}
	for n, h := range d.Handles {
		for _, q := range h.Questions {
			c.addQuestion(in[n], q.Text)
		}
	}
	for k, p := range d.Programs {
		for _, q := range p.Questions {
			c.addQuestion(in[len(d.Handles)+k], q.Text)
		}
	}
	c.divisions = append(c.divisions, e)
	c.itemLayers = append(c.itemLayers, in)
}

func (n *NotFor) item() Item {
	return Item{Title: n.Text.Text, Text: text.Parse(n.Say.Text), See: n.See.Text}
}

func (c *collector) addItem(
	l ranking.Layer, division, n int32, kind ranking.PhraseKind, item Item, titles []string, keywords []Line,
) {
	texts := ranking.Item{Division: division, Layer: l, Titles: titles, Text: item.Text.Plain()}
	c.addExample(l, ranking.FieldName, item.Title)
	for _, s := range text.Sentences(texts.Text) {
		c.addExample(l, ranking.FieldText, s)
	}
	for _, k := range keywords {
		c.addExample(l, ranking.FieldAsk, k.Text)
		c.addPhrase(l, ranking.Keyword, division, n, k.Text)
		texts.Keywords = append(texts.Keywords, k.Text)
	}
	c.source.Items = append(c.source.Items, texts)
}

// addBackground adds the built-in examples of what no division answers, except those that
// are example questions of the file.
func (c *collector) addBackground() {
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
		c.addQuestion(ranking.Public, line)
		c.last().Claimed = by
	}
}

// addExample adds an example of the last class.
func (c *collector) addExample(l ranking.Layer, f ranking.Field, text string) {
	if text != "" {
		e := ranking.Example{Text: text, Class: len(c.classes) - 1, Layer: l, Field: f, Fold: -1}
		c.source.Examples = append(c.source.Examples, e)
	}
}

// last is the last example.
func (c *collector) last() *ranking.Example { return &c.source.Examples[len(c.source.Examples)-1] }

// addQuestion adds an example question, and assigns the folds in turn.
func (c *collector) addQuestion(l ranking.Layer, text string) {
	if text == "" {
		return
	}
	c.addExample(l, ranking.FieldAsk, text)
	c.last().Fold = int8(c.asked[l] % ranking.Folds)
	c.asked[l]++
}

func (c *collector) addPhrase(l ranking.Layer, kind ranking.PhraseKind, division, item int32, text string) {
	if text != "" {
		p := ranking.Phrase{Kind: kind, Division: division, Item: item, Layer: l, Text: text}
		c.source.Phrases = append(c.source.Phrases, p)
	}
}

// defaultFalseAnswers is the default of false_answers, in percent.
const defaultFalseAnswers = 6

// falseAnswers is the share of answers that may be false.
func (f *File) falseAnswers() float64 {
	if n, err := strconv.ParseFloat(strings.TrimSuffix(f.FalseAnswers.Text, "%"), 64); err == nil && n > 0 {
		return n / 100
	}
	return defaultFalseAnswers / 100.0
}

// synonyms are the synonyms of the file. A word that occurs in the file is a synonym only
// for readers who see one of these places.
func (c *collector) synonyms() ranking.Synonyms {
	hidden, known := c.file.hiddenSynonyms(&c.layers), ranking.Synonyms{}
	for i, group := range c.file.Synonyms {
		for k, l := range group {
			parts := words.Split(l.Text)
			if len(parts) == 1 || k == 0 && len(parts) > 0 { // the checker warns of longer ones
				s := words.Stem(parts[0].Text)
				known[s] = ranking.Synonym{Group: "=" + strconv.Itoa(i), In: hidden[s]}
			}
		}
	}
	return known
}
