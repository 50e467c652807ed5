package adaptertest

import (
	"fmt"

	"frontdesk/bot"
	"frontdesk/knowledge/text"
)

// Inbox returns what admins see of the inbox in chat, by name.
func Inbox() map[string]bot.Answer {
	return map[string]bot.Answer{
		"inbox-page":  inboxPage(),
		"inbox-form":  {Outcome: bot.Answered, Welcome: true, Form: InboxForm()},
		"edit-notice": editNotice("discord:70"), "edit-notice-slack": editNotice("slack:U123"),
	}
}

// inboxPage is a question of the inbox, with what an admin may do about it.
func inboxPage() bot.Answer {
	a := bot.Note("Gap 1 of 12: asked by 4 people, 6 times, last on 2026-11-24 (declined).")
	a.Title = "Who waters the plants on the third floor?"
	a.Body = append(a.Body, text.List{Items: []text.Text{
		Plain("who takes care of the plants"), Plain("plants are dry, who do I tell?"),
	}})
	a.Actions = []bot.Action{
		{Label: "Example of Buildings", Value: "example 5f2c", Primary: true},
		{Label: "Something else…", Value: "other 5f2c"}, {Label: "Decline…", Value: "decline 5f2c"},
		{Label: "Ignore", Value: "ignore 5f2c"}, {Label: "Next", Value: "show 77aa"},
		{Label: "Next", Value: "show 77aa"}, // the same again
		{Label: "Back", Value: "show 0011"},
	}
	return a
}

// InboxForm is a form with every kind of field, some longer than platforms allow.
func InboxForm() *bot.Form {
	divisions := []bot.Choice{{ID: "people", Title: "People"}, {ID: "people", Title: "People again"}}
	for i := range 30 {
		divisions = append(divisions,
			bot.Choice{ID: fmt.Sprintf("division-%d", i), Title: fmt.Sprintf("Division of Things No. %d", i)})
	}
	return &bot.Form{
		Title: "Answer this", Action: "answer 5f2c", Submit: "Show the change",
		Fields: []bot.Field{
			{ID: "division", Label: "Division", Value: "division-29", Choices: divisions},
			{ID: "kind", Label: "What it becomes", Value: "example question", Choices: []bot.Choice{
				{ID: "example question", Title: "Example question"}, {ID: "responsibility", Title: "New responsibility"},
			}},
			{ID: "topic", Label: "Name of the responsibility", Optional: true, Most: 80,
				Tip: "In one to five words; only for a new responsibility"},
			{ID: "text", Label: "What the division does about it", Lines: true, Optional: true, Most: 1000,
				Value: "Waters the plants."},
		},
	}
}

// editNotice tells admins of somebody's change that can be taken back.
func editNotice(by string) bot.Answer {
	a := bot.Note("The knowledge file was changed:")
	a.By = by
	a.Body = append(a.Body, text.CodeBlock("--- acme.yaml\n+++ acme.yaml\n@@ -12,3 +12,4 @@\n     questions:\n"+
		"       - Who fixes the heating?\n+      - Who waters the plants on the third floor?\n"))
	a.Actions = []bot.Action{{Label: "Undo", Value: "undo 9e41"}}
	return a
}
