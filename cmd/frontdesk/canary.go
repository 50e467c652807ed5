package main

import (
	"context"
	"fmt"

	"frontdesk/bot"
	"frontdesk/knowledge"
)

// canaryWrong asks a snapshot the canary question, and says what is wrong with the
// answer, or "".
func (l *reloader) canaryWrong(e *knowledge.Snapshot) string {
	question, division := l.canary.Question, l.canary.Division
	if question == "" {
		question, division = e.File.Divisions[0].Name.Text, e.File.Divisions[0].ID.Text
	}
	readers := bot.Audience("")
	if _, ok := e.For("").Entry(division); !ok {
		readers = e.File.Everything()
	}
	desk := bot.Guard(&bot.Desk{Base: e.For})
	a := desk.Answer(context.Background(), bot.Question{Readers: readers, Text: question})
	right := a.Division == division
	for _, o := range a.Offers { // two divisions may have one name
		right = right || l.canary.Question == "" && a.Outcome == bot.Suggested && o.Division == division
	}
	if right {
		return ""
	}
	name := division
	if entry, ok := e.For(readers).Entry(division); ok {
		name = entry.Name.Text
	}
	return fmt.Sprintf("%q should be answered with %s, and %s", question, name, said(a))
}

// checkCanary asks the canary question and says whether the answer is right.
func (l *reloader) checkCanary() {
	e := l.current.Load()
	why := l.canaryWrong(e)
	right, phase, value := why == "", bot.Ready, 1.0
	if !right {
		phase, value = bot.Failed, 0
	}
	l.health.set(partCanary, phase, why, false)
	l.metrics.canary.Set(value)
	l.metrics.setState(partCanary, phase)
	if right == l.canaryOK {
		return // as was told
	}
	l.canaryOK = right
	if right {
		l.log.Info("the canary question is answered right again", "version", e.Version)
		l.notify(bot.CanaryRight())
	} else {
		l.log.Error("the canary question is answered wrong", "why", why, "version", e.Version)
		l.notify(bot.CanaryWrong(why))
	}
}

// said is what the desk said instead.
func said(a bot.Answer) string {
	switch a.Outcome {
	case bot.Answered:
		return "is answered with " + a.Title
	case bot.Suggested:
		return "gets only suggestions"
	case bot.Declined, bot.Silent:
	}
	return "is declined"
}
