package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/console"
	"frontdesk/bot"
	"frontdesk/knowledge"
)

// The random cases of TestAudiences; .ci/run asks for a hundred thousand.
var (
	audienceCases = flag.Int("audience-cases", 1500, "number of random cases of TestAudiences")
	audienceSeed  = flag.Uint64("audience-seed", 0, "seed of the random cases; 0 for the time")
)

// TestAudiences makes random knowledge files in which every text says who may see it
// (a marked text), asks about their contents in every way that Slack, Discord and the
// terminal have, and checks the whole output. It also compares each view with that of a
// file without the hidden parts, and the public's with that of a file without audiences.
func TestAudiences(t *testing.T) {
	t.Parallel()
	seed := *audienceSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	// Not with t.Log, which prints nothing if the test hangs or panics.
	fmt.Fprintf(os.Stderr, "TestAudiences runs with -audience-seed %d\n", seed)
	cases, texts := 0, 0
	var last *drawing
	for n := uint64(0); cases < *audienceCases && !t.Failed(); n++ {
		d := &drawing{T: t, Rand: rand.New(rand.NewPCG(seed, n))}
		d.draw()
		d.views()
		d.compared(last)
		last = d
		d.platforms()
		cases += d.cases
		texts += d.texts
	}
	if texts < cases/4 {
		t.Errorf("only %d marked texts in the output of %d cases", texts, cases)
	}
	t.Logf("%d cases, %d marked texts in their output", cases, texts)
}

// drawing is one random knowledge file, and counts of its output.
type drawing struct {
	*testing.T
	*rand.Rand
	divisions []drawnDivision
	declines  []drawnItem
	apart     []drawnApart
	synonyms  [][]drawnSynonym
	subjects  []string // what questions can be about, visible or not

	snapshot *knowledge.Snapshot
	texts    int // marked texts in the output
	cases    int
	n        int // of the last id
}

// look checks that an output has no marked text that its readers may not see.
func (d *drawing) look(what, letters string, public bool, text string) {
	d.Helper()
	for _, m := range drawnText.FindAllStringSubmatch(text, -1) {
		d.texts++
		if !mayRead(m[2], letters) || !mayRead(m[3], letters) {
			d.Errorf("%s for %q has %s:\n%s", what, letters, m[0], text)
		}
		if m[1] == "v" && public {
			d.Errorf("%s is public and has the private %s:\n%s", what, m[0], text)
		}
	}
}

// views asks the desk, and compares the answers with those of desks whose files have no
// hidden parts.
func (d *drawing) views() {
	for _, letters := range []string{"", "e", "s", "es"} {
		readers := bot.AudienceOf(strings.Split(letters, "")...)
		desk := &bot.Desk{Base: d.snapshot.For}
		var without []*bot.Desk
		if strings.Contains(string(d.input(letters, false)[0].Data), "- id: d") { // a file needs a division
			e := d.read(d.input(letters, true))
			without = append(without, &bot.Desk{Base: e.For})
			if letters == "" {
				base, problems := knowledge.Load(d.input(letters, false))
				if problems.Err() != nil {
					d.Fatal(problems)
				}
				without = append(without, &bot.Desk{Base: func(bot.Audience) *knowledge.Base { return base }})
			}
		}
		same := func(what string, ask func(*bot.Desk) any) {
			d.cases++
			text := string(encode(ask(desk)))
			d.look(what, letters, false, text)
			for _, w := range without {
				if want := string(encode(ask(w))); text != want {
					d.Errorf("%s for %q depends on hidden parts; with and without them:\n%s\n%s",
						what, letters, text, want)
				}
			}
		}
		ctx := d.Context()
		same("the directory", func(k *bot.Desk) any { return k.Directory(ctx, readers) })
		for range 6 {
			q := d.question()
			asked := bot.Question{Readers: readers, Text: q}
			same("the answer to "+q, func(k *bot.Desk) any { return k.Answer(ctx, asked) })
			same("the completion of "+q, func(k *bot.Desk) any { return k.Complete(ctx, readers, q, 25) })
			a := desk.Answer(ctx, asked)
			d.look("the terminal", letters, false, console.Render(a, console.Style{}))
			var why strings.Builder
			explainTo(&why, d.snapshot.For(readers), q, a.Match)
			d.look("the explanation", letters, false,
				why.String()+string(encode(answerJSON(d.snapshot.For(readers), q, a))))
		}
		choose := func(id string) {
			chosen := bot.Question{Readers: readers, Choice: id}
			same("the choice of "+id, func(k *bot.Desk) any { return k.Answer(ctx, chosen) })
		}
		id := d.divisions[d.IntN(len(d.divisions))].id
		// The id of something hidden, as on a button made for somebody else.
		if all := d.snapshot.For(bot.AudienceOf("e", "s")).Complete(d.word(), 25); len(all) > 0 {
			choose(all[d.IntN(len(all))].ID)
		}
		choose(id)
	}
}

// compared checks the output of compare for a change from another file to this one.
func (d *drawing) compared(last *drawing) {
	if last == nil {
		return
	}
	for _, letters := range []string{"", "e", "s", "es"} {
		c := compareFor(d.Context(), last.snapshot, d.snapshot, bot.AudienceOf(strings.Split(letters, "")...), nil)
		d.look("compare", letters, false, c.text()+string(encode(c)))
		d.cases++
	}
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
