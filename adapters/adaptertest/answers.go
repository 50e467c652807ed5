package adaptertest

import (
	"fmt"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge/text"
)

// Plain returns a text with one paragraph.
func Plain(s string) text.Text { return text.Text{text.Paragraph{{Text: s}}} }

// Full returns an answer with every part.
func Full() bot.Answer {
	return bot.Answer{
		Outcome:  bot.Answered,
		Division: "global-trade",
		Urgent:   Plain("If anyone is in danger right now, call 112."),
		Choice:   "global-trade#f1",
		Lead: text.Text{text.Paragraph{
			{Text: "Global Trade", Style: text.Strong}, {Text: " handles forced labor."},
		}},
		Title: "Global Trade",
		Evidence: &bot.Evidence{
			Title: "Forced labor",
			Text: Plain(
				"Looks into goods that people were forced to make, wherever they were made and whoever sells them."),
		},
		Body: text.Text{
			text.Paragraph{{Text: "It guides cases on "}, {Text: "imports"}, {Text: " and exports of every kind, see "},
				{Text: "the page", URL: "https://example.org/trade"}, {Text: "."}},
			text.List{Items: []text.Text{Plain("counterfeits"),
				Plain("trade fraud, a topic with a description that does not fit into one line of eighty columns")}},
			text.List{Ordered: true, First: 9, Items: []text.Text{Plain("nine"), Plain("ten")}},
			text.CodeBlock("code\n  stays"),
			text.Quote(Plain("quoted")),
		},
		Facts: []bot.Fact{
			{Label: "Led by", Text: "an Assistant Director", Kind: bot.FactShared},
			{Label: "A label that is much longer than any label should be", Text: "short"},
			{Label: "国", Text: "wide letters"},
			{Label: "E-mail", Text: "trade@example.org", Kind: bot.FactContact},
		},
		Offers: []bot.Offer{{Division: "a", Title: "A", Text: Plain("what A does")}, {Division: "b", Title: "B"}},
		SeeAlso: []bot.Offer{
			{Division: "international", Title: "International Operations"}, {Title: "National Security"},
		},
		Links:  []bot.Link{{Title: "Trade", URL: "https://example.org/trade"}},
		Source: bot.Source{Title: "Offices", URL: "https://example.org", Seen: "2026-11-23"},
	}
}

// hostile is a text with mentions and markup that a platform must not interpret.
const hostile = "@everyone @here <!channel> <!subteam^S1> <@U1> <@!1> <#C1> " +
	"<https://evil.example|Your bank> [bank](https://evil.example) " +
	"&lt;!channel&gt; *b* _i_ ~s~ `c` ||x|| :tada: > q https://evil.example\n> quote\n# head\n- item\n```\ncode"

// Notices returns the notices to admins, by name.
func Notices() map[string]bot.Answer {
	problems := make([]string, 30)
	for i := range problems {
		problems[i] = fmt.Sprintf(
			"acme.yaml:%d:5: a division has no key nam; did you mean name? <!channel> @everyone ``` %s", i+1,
			strings.Repeat("long ", 20))
	}
	return map[string]bot.Answer{
		"notice-held": bot.FileHeld("74c43c7a35f9", 12, 140,
			[]string{
				"conduct is not private any more", "people, contact is shown to public now",
			}), "notice-used": bot.FileUsed("74c43c7a35f9"),
		"notice-refused": bot.FileRefused(strings.Join(problems, "\n")),
	}
}

// Answers returns answers of every kind, by name, for rendering tests.
func Answers() map[string]bot.Answer {
	source := bot.Source{Title: "Offices", URL: "https://example.org/offices", Seen: "2026-11-23"}
	longText := strings.Repeat("This sentence says something that an admin found worth saying. ", 200)
	var many []bot.Offer
	for i := range 150 {
		many = append(many,
			bot.Offer{Division: fmt.Sprintf("division-%03d", i), Title: fmt.Sprintf("Division of Things No. %d", i)})
	}
	span := func(s string, style text.Style) text.Span { return text.Span{Text: s, Style: style} }
	return map[string]bot.Answer{
		"full": Full(),
		"answered": {
			Outcome: bot.Answered, Division: "people", Choice: "people#pl", Title: "People",
			Lead: text.Text{text.Paragraph{
				{Text: "People", Style: text.Strong}, {Text: " handles parental leave."},
			}},
			Evidence: &bot.Evidence{Title: "Parental leave", Text: Plain("Plans leave for new parents.")},
			Body:     Plain("Looks after everyone who works here."),
			Facts: []bot.Fact{
				{Label: "Led by", Text: "Ann Example"},
				{Label: "E-mail", Text: "people@acme.example", Kind: bot.FactContact},
				{Label: "Phone", Text: "555-1234", Kind: bot.FactContact},
				{Label: "Web page", Text: "https://acme.example/people_and_culture?a=1&b=2", Kind: bot.FactContact},
				{Label: "Slack", Text: "#help-people", Kind: bot.FactContact},
			},
			Source: source,
		},
		"suggested": {
			Outcome: bot.Suggested, Body: Plain("I am not sure. It may be one of these:"),
			Offers: []bot.Offer{
				{Division: "people", Title: "People", Text: Plain("Parental leave")},
				{Division: "buildings", Title: "Buildings", Text: Plain("Heating")},
			},
		},
		"declined": {
			Outcome: bot.Declined, Body: Plain("I can't answer that. I only know who handles what.").
					Join(Plain("Ask me who handles something at Acme, such as “Who pays for my trip?”.")),
		},
		"elsewhere": {Outcome: bot.Declined, Title: "Payroll", Body: text.Text{text.Paragraph{
			{Text: "Example Pay does that: "}, {Text: "pay@example.org", URL: "mailto:pay@example.org"}, {Text: "."},
		}}},
		"fact": {
			Outcome: bot.Answered, Division: "people", Choice: "people", Title: "People",
			Lead: text.Text{text.Paragraph{{Text: "People", Style: text.Strong}}},
			Body: Plain("Looks after everyone who works here."),
			Facts: []bot.Fact{
				{Label: "Location", Text: "Room 12", Kind: bot.FactAsked},
				{Label: "E-mail", Text: "people@acme.example", Kind: bot.FactContact},
			},
			Source: source,
		},
		"urgent": {
			Outcome: bot.Declined, Urgent: Plain("Leave the building and call 112."),
			Body: Plain("I can't answer that."),
		},
		"welcome": {
			Outcome: bot.Declined, Welcome: true, Title: "Acme",
			Body:     Plain("Ask me who handles something at Acme, in your own words. For example:"),
			Examples: []string{"Who pays for my trip?"},
		},
		"directory": {
			Outcome: bot.Answered, Title: "Acme", Body: Plain("There are 150 entries in this directory."),
			Offers: many, Source: source,
		},
		"long": {
			Outcome: bot.Answered, Division: "long", Urgent: Plain(longText), Lead: Plain(longText),
			Title:    strings.Repeat("A title that does not end ", 20),
			Evidence: &bot.Evidence{Title: strings.Repeat("evidence ", 50), Text: Plain(longText)},
			Body:     Plain(longText + longText),
			Facts:    slicesOf(40, bot.Fact{Label: strings.Repeat("label ", 40), Text: longText}),
			Offers: slicesOf(3,
				bot.Offer{Division: strings.Repeat("d", 300), Title: longText, Text: Plain(longText)}),
			Examples: slicesOf(3, longText), SeeAlso: slicesOf(30, bot.Offer{Division: "long", Title: longText}),
			Links:  slicesOf(30, bot.Link{Title: longText, URL: "https://example.org/" + strings.Repeat("x", 500)}),
			Source: bot.Source{Title: longText, URL: "https://example.org/", Seen: longText},
		},
		"hostile": {
			Outcome: bot.Suggested, Division: hostile, Choice: hostile, Urgent: Plain(hostile), Title: hostile,
			Evidence: &bot.Evidence{Title: hostile, Text: Plain(hostile)},
			Body: text.Text{
				text.Paragraph{{Text: hostile}}, text.List{Items: []text.Text{Plain(hostile)}}, text.CodeBlock(hostile),
				text.Quote(Plain(hostile)),
			},
			Examples: []string{hostile},
			Facts: []bot.Fact{
				{Label: hostile, Text: hostile}, {Label: "E-mail", Text: "a@b.c|<!here>"},
				{Label: "Web page", Text: "https://x.example/|<!here>"},
			},
			Offers:  []bot.Offer{{Division: hostile, Title: hostile, Text: Plain(hostile)}},
			SeeAlso: []bot.Offer{{Division: hostile, Title: hostile}},
			Links: []bot.Link{
				{Title: hostile, URL: "javascript:alert(1)"}, {Title: hostile, URL: "https://example.org/|<!here>"},
			},
			Source: bot.Source{Title: hostile, URL: "https://example.org/", Seen: hostile},
		},
		"styles": {
			Outcome: bot.Answered, Title: "Styles",
			Body: text.Text{
				text.Paragraph{span("plain, ", 0), span("strong", text.Strong), span(", ", 0),
					span("emphasis", text.Emphasis), span(", ", 0), span("both", text.Strong|text.Emphasis),
					span(", ", 0), span("code", text.Code), {Text: "\n"}, span("second line", 0)},
				text.Paragraph{{Text: "a second paragraph with "},
					{Text: "a strong link", URL: "https://example.org/a?b=c&d", Style: text.Strong}},
				text.List{Items: []text.Text{
					{text.Paragraph{{Text: "outer"}},
						text.List{Ordered: true, First: 3,
							Items: []text.Text{Plain("three"),
								{text.Paragraph{{Text: "four"}}, text.CodeBlock("in the list")}, Plain("five")}}},
					{text.Paragraph{{Text: "with two"}}, text.Paragraph{{Text: "paragraphs"}}},
				}},
				text.Quote{text.Paragraph{{Text: "a quotation"}}, text.List{Items: []text.Text{Plain("with a list")}},
					text.Paragraph{{Text: "and an end"}}},
			},
		},
	}
}

func slicesOf[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}
