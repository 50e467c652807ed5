package main

import (
	"context"
	"fmt"

	"frontdesk/bot"
	"frontdesk/knowledge"
)

// canaryWrong asks a snapshot the canary question and returns what is wrong with the
// answer, or "". Without a configured question it asks for the first division by name.
func (r *reloader) canaryWrong(s *knowledge.Snapshot) string {
	question, division := r.canary.Question, r.canary.Division
	if question == "" {
		question, division = s.File.Divisions[0].Name.Text, s.File.Divisions[0].ID.Text
	}
	readers := bot.Audience("")
	if _, ok := s.For("").Entry(division); !ok {
		readers = s.File.Everything()
	}
	desk := bot.Guard(&bot.Desk{Base: s.For})
	a := desk.Answer(context.Background(), bot.Question{Readers: readers, Text: question})
	right := a.Division == division
	for _, o := range a.Offers { // two divisions may have the same name
		right = right || r.canary.Question == "" && a.Outcome == bot.Suggested && o.Division == division
	}
	if right {
		return ""
	}
	name := division
	if entry, ok := s.For(readers).Entry(division); ok {
		name = entry.Name.Text
	}
	return fmt.Sprintf("%q should be answered with %s, but %s", question, name, said(a))
}

// checkCanary runs the self-check and publishes its result.
func (r *reloader) checkCanary() {
	s := r.current.Load()
	why := r.canaryWrong(s)
	right, phase, value := why == "", bot.Ready, 1.0
	if !right {
		phase, value = bot.Failed, 0
	}
	r.health.set(partCanary, phase, why, false)
	r.metrics.canary.Set(value)
	r.metrics.setState(partCanary, phase)
	if right == r.canaryOK {
		return // already reported
	}
	r.canaryOK = right
	if right {
		r.log.Info("the canary question is answered right again", "version", s.Version)
		r.notify(bot.CanaryRight())
	} else {
		r.log.Error("the canary question is answered wrong", "why", why, "version", s.Version)
		r.notify(bot.CanaryWrong(why))
	}
}

// said describes a wrong answer.
func said(a bot.Answer) string {
	switch a.Outcome {
	case bot.Answered:
		return "is answered with " + a.Title
	case bot.Suggested:
		return "only gets suggestions"
	case bot.Declined, bot.Silent:
	}
	return "is declined"
}
