package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// Office is the inbox in chat.
type Office struct {
	Store  Store
	Path   string                     // of the knowledge file
	Used   func() *knowledge.Snapshot // what is in use
	Admins []string                   // who may use the inbox, each as [bot.Request] has a person
	People int                        // how many people must have asked, see [Groups]
	Kept   time.Duration              // how long the words of questions are kept; 0 if they are not
	// HandOver says why changes are not written but handed over; "" if they are written.
	HandOver func() string
	Post     func(bot.Answer) // posts a notice in the channels for admins
	Log      *slog.Logger

	proposing sync.Mutex // held while a change is examined, which takes as much memory as the file
}

// Base is what is in use, for readers who may see everything.
func (o *Office) Base() *knowledge.Base {
	s := o.Used()
	return s.For(s.File.Everything())
}

// Actions of the inbox. Behind one stands the id of a group or of an edit.
const (
	actShow    = "show"
	actExample = "example"
	actOther   = "other"    // opens a form
	actAnswer  = "answer"   // the form, filled in
	actDecline = "decline"  // opens a form
	actRefuse  = "signpost" // the form, filled in
	actIgnore  = "ignore"
	actSave    = "save"
	actUndo    = "undo"
)

// The fields of the forms.
const (
	fieldDivision = "division"
	fieldKind     = "kind"
	fieldTopic    = "topic"
	fieldText     = "text"
)

// Bounds of what is typed into a form, in characters, and of what is shown.
const (
	mostTopic    = 80
	mostText     = 1000
	wordingsSeen = 5
	effectsSeen  = 5
	diffSeen     = 2500 // UTF-16 code units of a diff in a message
	titleSeen    = 60
	digestSeen   = 5
	choicesSeen  = 100
)

// Do does what an admin asks for; see [bot.Admin].
func (o *Office) Do(ctx context.Context, r bot.Request) bot.Answer {
	if !slices.Contains(o.Admins, r.Person) {
		return bot.Answer{}
	}
	act, id, _ := strings.Cut(r.Action, " ")
	a, err := o.do(ctx, r, act, id)
	if err != nil {
		o.Log.Warn("the inbox could not do what an admin asked for", "action", r.Action, "error", err)
		return bot.Note(fmt.Sprintf(sayFailed, strings.TrimSuffix(err.Error(), ".")))
	}
	return a
}

func (o *Office) do(ctx context.Context, r bot.Request, act, id string) (bot.Answer, error) {
	switch act {
	case actSave:
		return o.save(ctx, id, r.Person)
	case actUndo:
		return o.undo(ctx, id, r.Person)
	}
	if o.Kept == 0 {
		return bot.Note(sayNoWords), nil
	}
	base := o.Base()
	groups, err := Read(ctx, o.Store, time.Now().Add(-o.Kept), base, o.People)
	if err != nil {
		return bot.Answer{}, err
	}
	if act == bot.OpenInbox {
		return o.page(groups, 0, base), nil
	}
	g, ok := Find(groups, id)
	at := slices.IndexFunc(groups, func(other Group) bool { return other.ID == g.ID })
	if !ok {
		return said(sayGone, o.page(groups, 0, base)), nil
	}
	switch act {
	case actShow:
		return o.page(groups, at, base), nil
	case actExample:
		return o.propose(ctx, g, Decision{Kind: knowledge.AddQuestions, Division: g.Divisions[0]}, base)
	case actOther:
		return answerForm(g, base), nil
	case actAnswer:
		d := Decision{Division: r.Fields[fieldDivision], Topic: r.Fields[fieldTopic], Text: r.Fields[fieldText]}
		if r.Fields[fieldKind] == knowledge.AddResponsibility.String() {
			if d.Kind = knowledge.AddResponsibility; strings.TrimSpace(d.Topic) == "" {
				return said(fmt.Sprintf(sayNeeded, labelTopic), o.page(groups, at, base)), nil
			}
		} else {
			d.Topic, d.Text = "", ""
		}
		return o.propose(ctx, g, d, base)
	case actDecline:
		return declineForm(g), nil
	case actRefuse:
		d := Decision{Kind: knowledge.AddDecline, Topic: r.Fields[fieldTopic], Text: r.Fields[fieldText]}
		return o.propose(ctx, g, d, base)
	case actIgnore:
		if err := g.Ignore(ctx, o.Store); err != nil {
			return bot.Answer{}, err
		}
		o.Log.Info("a gap is ignored", "by", r.Person, "gap", g.ID)
		groups = slices.Delete(groups, at, at+1)
		return said(sayIgnored, o.page(groups, at%max(1, len(groups)), base)), nil
	}
	return bot.Answer{}, fmt.Errorf("there is no action %q", text.Clip(act, titleSeen))
}

// said puts a sentence above a page.
func said(sentence string, page bot.Answer) bot.Answer {
	page.Body = slices.Concat(text.FromPlain(sentence), page.Body)
	return page
}

// page shows one group.
func (o *Office) page(groups []Group, at int, base *knowledge.Base) bot.Answer {
	if len(groups) == 0 {
		if o.People > 1 {
			return bot.Note(fmt.Sprintf(sayNothingOf, o.People))
		}
		return bot.Note(sayNothing)
	}
	g := groups[at]
	a := bot.Answer{Outcome: bot.Answered, Welcome: true, Title: text.Clip(g.Title(), titleSeen)}
	a.Body = text.FromPlain(fmt.Sprintf(sayCount, at+1, len(groups), plural(g.People, "person", "people"),
		plural(g.Times, "time", "times"), g.Last.Local().Format(time.DateOnly), g.Why()))
	if more := g.Words[1:]; len(more) > 0 {
		a.Body = append(a.Body, listOf(more[:min(len(more), wordingsSeen)]))
	}
	button := func(label, act string) {
		a.Actions = append(a.Actions, bot.Action{Label: label, Value: act + " " + g.ID})
	}
	if len(g.Divisions) > 0 {
		if e, ok := base.Entry(g.Divisions[0]); ok && len(g.Examples()) > 0 {
			button(fmt.Sprintf(labelExample, text.Clip(e.Name.Text, titleSeen)), actExample)
			a.Actions[0].Primary = g.Likely > 0
		}
		button(labelOther, actOther)
	}
	button(labelDecline, actDecline)
	button(labelIgnore, actIgnore)
	if next := groups[(at+1)%len(groups)]; next.ID != g.ID {
		a.Actions = append(a.Actions, bot.Action{Label: labelNext, Value: actShow + " " + next.ID})
	}
	return a
}

// Why says in words why a group is one, the most frequent reason first.
func (g Group) Why() string { return strings.Join(byCount(g.Reasons), ", ") }

func listOf(lines []string) text.List {
	var l text.List
	for _, line := range lines {
		l.Items = append(l.Items, text.FromPlain(line))
	}
	return l
}

func answerForm(g Group, base *knowledge.Base) bot.Answer {
	divisions := bot.Field{ID: fieldDivision, Label: labelDivision, Value: g.Divisions[0]}
	for _, id := range g.Divisions[:min(len(g.Divisions), choicesSeen)] {
		if e, ok := base.Entry(id); ok {
			divisions.Choices = append(divisions.Choices, bot.Choice{ID: id, Title: e.Name.Text})
		}
	}
	return bot.Answer{Outcome: bot.Answered, Welcome: true, Form: &bot.Form{
		Title: titleOther, Action: actAnswer + " " + g.ID, Submit: labelPreview,
		Fields: []bot.Field{
			divisions,
			{ID: fieldKind, Label: labelAs, Value: knowledge.AddQuestions.String(), Choices: []bot.Choice{
				{ID: knowledge.AddQuestions.String(), Title: choiceExample},
				{ID: knowledge.AddResponsibility.String(), Title: choiceResponsibility},
			}},
			{ID: fieldTopic, Label: labelTopic, Tip: tipTopic, Optional: true, Most: mostTopic},
			{ID: fieldText, Label: labelText, Lines: true, Optional: true, Most: mostText},
		},
	}}
}

func declineForm(g Group) bot.Answer {
	return bot.Answer{Outcome: bot.Answered, Welcome: true, Form: &bot.Form{
		Title: titleDecline, Action: actRefuse + " " + g.ID, Submit: labelPreview,
		Fields: []bot.Field{
			{ID: fieldTopic, Label: labelDeclined, Value: text.Clip(g.Title(), mostTopic), Most: mostTopic},
			{ID: fieldText, Label: labelSignpost, Tip: tipSignpost, Lines: true, Most: mostText},
		},
	}}
}

// propose shows what a decision about a group changes, with a button that saves it.
func (o *Office) propose(ctx context.Context, g Group, d Decision, base *knowledge.Base) (bot.Answer, error) {
	changes, err := d.Changes(g, base)
	if err != nil {
		return bot.Answer{}, err
	}
	o.proposing.Lock()
	p, err := Propose(ctx, o.Path, changes, o.Used())
	o.proposing.Unlock()
	if err != nil {
		return bot.Answer{}, err
	}
	a := bot.Answer{Outcome: bot.Answered, Welcome: true, Title: text.Clip(g.Title(), titleSeen)}
	back := bot.Action{Label: labelBack, Value: actShow + " " + g.ID}
	if p.Patch.Empty() {
		a.Body, a.Actions = text.FromPlain(sayThere), []bot.Action{back}
		return a, nil
	}
	a.Body = append(text.FromPlain(sayPreview), diff(p.Patch))
	a.Body = append(a.Body, effects(p)...)
	if why := o.HandOver(); why != "" {
		a.Body = append(text.FromPlain(fmt.Sprintf(sayHandOver, why)), a.Body[1:]...)
		a.Actions = []bot.Action{back}
		return a, nil
	}
	e := Edit{ID: newID(), Time: time.Now(), State: Proposed, Patch: p.Patch}
	if err := o.Store.KeepEdit(ctx, e); err != nil {
		return bot.Answer{}, err
	}
	a.Actions = []bot.Action{{Label: labelSave, Value: actSave + " " + e.ID, Primary: true}, back}
	return a, nil
}

func diff(p knowledge.Patch) text.CodeBlock { return text.CodeBlock(text.Clip(p.Diff(), diffSeen)) }

// effects says what a proposal does beside what it is meant to do.
func effects(p Proposal) (t text.Text) {
	harm := p.Harm()
	if len(harm) == 0 {
		t = text.FromPlain(fmt.Sprintf(sayNoEffect, p.Asked))
	} else {
		var lines []string
		for _, c := range harm[:min(len(harm), effectsSeen)] {
			lines = append(lines, c.Question+": "+outcome(c.Before)+" → "+outcome(c.After))
		}
		t = append(text.FromPlain(fmt.Sprintf(sayEffect, p.Asked)), listOf(lines))
	}
	if len(p.Problems) > 0 {
		t = append(t, text.FromPlain(sayProblems)...)
		t = append(t, listOf(p.Problems[:min(len(p.Problems), effectsSeen)]))
	}
	return t
}

func outcome(s bot.Said) string {
	if s.Name != "" {
		return s.Name
	}
	return s.Outcome
}

// save makes a proposed edit, and shows it to all admins.
func (o *Office) save(ctx context.Context, id, by string) (bot.Answer, error) {
	e, ok, err := o.Store.Edit(ctx, id)
	if err != nil {
		return bot.Answer{}, err
	}
	if !ok || e.State != Proposed || o.HandOver() != "" {
		return bot.Note(sayOldEdit), nil
	}
	if err := e.Patch.Write(); err != nil {
		return bot.Answer{}, err
	}
	o.Log.Info("an admin changed the knowledge file", "by", by, "edit", id)
	if err := o.Store.MarkEdit(ctx, id, Made, by); err != nil {
		return bot.Answer{}, fmt.Errorf("the file is changed, but that can't be undone with a button: %w", err)
	}
	e.By = by
	o.Post(madeNotice(e))
	a := bot.Note(saySaved)
	a.Actions = []bot.Action{{Label: labelNext, Value: bot.OpenInbox}}
	return a, nil
}

// undo takes an edit back, and says so in place of the notice with the button. If that is not
// possible now, the notice stays with the reason.
func (o *Office) undo(ctx context.Context, id, by string) (bot.Answer, error) {
	e, err := Undo(ctx, o.Store, id, by)
	switch {
	case err == nil:
		o.Log.Info("an admin took back a change of the knowledge file", "by", by, "edit", id)
		a := bot.Note(sayUndone)
		a.Body, a.By = append(a.Body, diff(e.Patch)), by
		return a, nil
	case e.State == Made && !e.Patch.Empty():
		o.Log.Warn("an edit could not be undone", "edit", id, "error", err)
		return said(fmt.Sprintf(sayFailed, err), madeNotice(e)), nil
	}
	return bot.Answer{}, err
}

// madeNotice tells all admins of an edit, with a button that takes it back.
func madeNotice(e Edit) bot.Answer {
	a := bot.Note(sayMade)
	a.Body, a.By = append(a.Body, diff(e.Patch)), e.By
	a.Actions = []bot.Action{{Label: labelUndo, Value: actUndo + " " + e.ID}}
	return a
}

// Digest is a notice about the groups in the inbox. It reports false if there are none.
func (o *Office) Digest(ctx context.Context) (a bot.Answer, ok bool, err error) {
	if o.Kept == 0 {
		return a, false, nil
	}
	groups, err := Read(ctx, o.Store, time.Now().Add(-o.Kept), o.Base(), o.People)
	if err != nil || len(groups) == 0 {
		return a, false, err
	}
	var lines []string
	for _, g := range groups[:min(len(groups), digestSeen)] {
		lines = append(lines, fmt.Sprintf("%s (%s)", text.Clip(g.Title(), 2*titleSeen), plural(g.People, "person", "people")))
	}
	a = bot.Note(fmt.Sprintf(sayDigest, plural(len(groups), "gap is", "gaps are"), o.People))
	a.Body = append(a.Body, listOf(lines))
	a.Body = append(a.Body, text.FromPlain(sayDigestHow)...)
	return a, true, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
