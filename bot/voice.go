package bot

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge/text"
)

// Everything the desk itself says to a person stands in this file. It is
// short, plain and kind; it never scolds, never guesses and never exclaims.
const (
	sayBroken    = "Something went wrong while I looked that up. Please ask again in a moment."
	sayGone      = "That entry is no longer in the directory. These are."
	sayEmpty     = "I could not find a question in that."
	sayUnknown   = "I can't answer that. I know who handles what, and only what is written down for me."
	sayElsewhere = "That is handled elsewhere."
	sayAsk       = "Ask me who handles something at %s, in your own words."
	sayAskAnyone = "Ask me who handles something, in your own words."
	sayExample   = "For example:"
	saySuggest   = "I am not sure which of these you need."
	sayAll       = "There are %d entries in this directory."
	sayAllNone   = "There is nothing in this directory yet."
	sayAllOne    = "There is one entry in this directory."
	sayNoFact    = "I have nothing written down about %s: %s. The source may say more."
	sayNoContact = "I have no contact written down for %s. The source may say more."
	sayStandsFor = "%s stands for %s."

	titleSuggest = "It may be one of these"
	titleMeant   = "Which one did you mean?"
	sayMeant     = "Choose a division, or ask me again in other words."

	labelEmail   = "E-mail"
	labelPhone   = "Phone"
	labelPage    = "Web page"
	labelSlack   = "Slack"
	labelDiscord = "Discord"
)

// What adapters write on and around an answer.
const (
	LabelSeeAlso     = "See also"
	LabelMore        = "Read the rest" // the link at the end of a text that was shortened
	LabelHelpful     = "👍"
	LabelUnhelpful   = "👎"
	LabelHelpfulA    = "This helped" // as a screen reader says it
	LabelUnhelpfulA  = "This did not help"
	LabelNotMeant    = "Not what I meant"
	LabelChoose      = "Choose a division"
	LabelOpen        = "Open"
	LabelShare       = "Share"
	LabelPostThread  = "Post in the thread"
	LabelAskedBy     = "Asked by"
	LabelQuestion    = "Your question"
	LabelQuestionTip = "Who handles …?"
	LabelDirectory   = "Directory"
	LabelClose       = "Close"
	LabelBack        = "Back"
	LabelNext        = "Next"
	LabelAskDesk     = "Ask the desk"
	LabelConfirm     = "Use the new file"
	LabelThinking    = "is looking that up…"
	LabelTryAsking   = "Try asking"

	SayThanks        = "Thank you for telling me."
	SayShared        = "Posted for everyone here."
	SayNotHere       = "I can't post here, because I am not a member of this channel. Invite me, then try again."
	SayPostedBefore  = "That was posted already."
	SayMaybePosted   = "It may be posted; please look. If it is not there, ask me again."
	SayCannotPost    = "I can't post in this channel."
	SayNotPosted     = "I could not post that. Please try again in a moment."
	SayPrivate       = "That is for you alone, so I do not post it."
	SayNotForAll     = "Not everyone here may see what you see, so I did not post it."
	SayAlone         = "My answer is for you alone. Ask me with /ask, or let me send you direct messages."
	SayAnsweredAlone = "That is for you alone, so only you see my answer."
	SayManyAsked     = "Many are asking just now, so only you see this."
	SayMoreOffers    = "These are not all. Ask me for the others by name."
)

// Apology is what a person gets when something broke inside.
func Apology() Answer { return Answer{Outcome: Declined, Welcome: true, Body: say(sayBroken)} }

// What admins are told of their knowledge file.
const (
	sayFileUsed    = "I answer from the new knowledge file now (version %s)."
	sayFileRefused = "The new knowledge file has errors, so I keep to the one before:"
	sayFileHeld    = "The new knowledge file (version %s) answers %d of the %d example questions differently, so I keep to the one before until somebody here confirms it."
	sayCanaryWrong = "I answer the question wrong that I should always answer right. Please look at the knowledge file: "
	sayCanaryRight = "I answer the question right again that I should always answer right."
	sayFileGone    = "That version is not the one that waits any more."

	problemsShown = 10 // enough to begin with; the log has all
	sayProblems   = "… and %d more, in the log."
)

// FileUsed says that a new knowledge file is in use.
func FileUsed(version string) Answer { return Note(fmt.Sprintf(sayFileUsed, version)) }

// CanaryWrong says that the question is answered wrong that should always be
// answered right.
func CanaryWrong(why string) Answer { return Note(sayCanaryWrong + why + ".") }

// CanaryRight says that this is over.
func CanaryRight() Answer { return Note(sayCanaryRight) }

// FileGone says that there is nothing to confirm.
func FileGone() Answer { return Note(sayFileGone) }

// FileRefused says what is wrong with a new knowledge file, a problem a line.
func FileRefused(problems string) Answer {
	lines := strings.Split(strings.TrimSpace(problems), "\n")
	more := len(lines) - problemsShown
	if more > 0 {
		lines = append(lines[:problemsShown], fmt.Sprintf(sayProblems, more))
	}
	a := Note(sayFileRefused)
	a.Body = append(a.Body, text.CodeBlock(strings.Join(lines, "\n")))
	return a
}

// FileHeld says that a new knowledge file waits to be confirmed.
// Concerns are what else should be known before, each as a sentence.
func FileHeld(version string, changes, questions int, concerns []string) Answer {
	a := Note(fmt.Sprintf(sayFileHeld, version, changes, questions))
	a.Confirm = version
	if more := len(concerns) - problemsShown; more > 0 {
		concerns = append(slices.Clone(concerns[:problemsShown]), fmt.Sprintf(sayProblems, more))
	}
	if len(concerns) > 0 {
		l := text.List{}
		for _, c := range concerns {
			l.Items = append(l.Items, plain(c))
		}
		a.Body = append(a.Body, l)
	}
	return a
}

// Meant is the answer to someone whom an answer did not help: the directory to
// choose from. It is made from a [Handler.Directory].
func Meant(directory Answer) Answer {
	for i := range directory.Offers {
		directory.Offers[i].Text = nil
	}
	return Answer{Outcome: Suggested, Welcome: true, Title: titleMeant, Body: say(sayMeant), Offers: directory.Offers}
}

// Note is an answer that is one sentence of the desk's own.
func Note(sentence string) Answer {
	return Answer{Outcome: Answered, Welcome: true, Body: plain(sentence)}
}

// factLabel is how a fact is called when it is shown.
func factLabel(label string) string {
	switch label {
	case "lead":
		return "Led by"
	case "reports_to":
		return "Reports to"
	case "location":
		return "Location"
	case "hours":
		return "Hours"
	}
	return label
}

// say makes a text of one of the sentences above.
func say(format string, args ...any) text.Text {
	if format == sayAll {
		switch args[0] {
		case 0:
			format, args = sayAllNone, nil
		case 1:
			format, args = sayAllOne, nil
		}
	}
	return plain(fmt.Sprintf(format, args...))
}

func plain(s string) text.Text { return text.FromPlain(s) }

// Plain is the whole answer as text without markup: what a notification, a
// screen reader or a program gets.
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

// Welcome is said at the beginning of a conversation.
func Welcome(organization string) string {
	if organization == "" {
		return "Ask me who handles something. Type help for examples, quit to leave."
	}
	return "Ask me who handles something at " + organization + ". Type help for examples, quit to leave."
}
