package bot

import (
	"fmt"

	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// This file holds every sentence that the desk says to people; notices.go holds the
// notices to admins. They are short, plain and kind: no blame, no guesses, no
// exclamation marks.
const (
	sayBroken    = "Something went wrong while I looked that up. Please ask again in a moment."
	sayGone      = "That entry is no longer in the directory. Please choose one of these."
	sayEmpty     = "I could not find a question in that."
	sayUnknown   = "I can't answer that. I only know who handles what."
	sayElsewhere = "That is handled elsewhere."
	sayAsk       = "Ask me who handles something at %s, in your own words."
	sayAskAnyone = "Ask me who handles something, in your own words."
	sayExample   = "For example:"
	saySuchAs    = ", such as “%s”."
	saySuggest   = "I am not sure. It may be one of these:"
	sayAll       = "There are %d entries in this directory."
	sayAllNone   = "There is nothing in this directory yet."
	sayAllOne    = "There is one entry in this directory."
	sayNoContact = "I don't know how to reach %s."
	saySourceMay = "The source may say more."
	sayStandsFor = "%s stands for %s."

	// What follows the name of a division in its Lead.
	sayHandles   = " handles %s."
	sayLedBy     = " is led by %s."
	sayReportsTo = " reports to %s."
	sayBelongsTo = " belongs to " // follows a program, before the division

	titleMeant = "Which one did you mean?"
	sayThanked = "Glad to help. Ask me again whenever you want to know who handles something."
	sayMeant   = "Choose a division, or ask me again in other words."

	labelEmail   = "E-mail"
	labelPhone   = "Phone"
	labelPage    = "Web page"
	labelSlack   = "Slack"
	labelDiscord = "Discord"
)

// sayNoFact says which fact about a division the file lacks.
var sayNoFact = map[knowledge.Facet]string{
	knowledge.FacetLead:      "I don't know who leads %s.",
	knowledge.FacetReportsTo: "I don't know whom %s reports to.",
	knowledge.FacetLocation:  "I don't know where %s is.",
	knowledge.FacetHours:     "I don't know when %s is open.",
}

// What adapters add to an answer.
const (
	LabelSeeAlso     = "See also"
	LabelMore        = "Read the rest" // the link at the end of a text that was shortened
	LabelHelpful     = "👍"
	LabelUnhelpful   = "👎"
	LabelHelpfulA    = "This helped" // for screen readers
	LabelUnhelpfulA  = "This did not help"
	LabelDetails     = "Details"
	LabelAll         = "See all divisions"
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
	LabelBy          = "By"
	LabelTell        = "Tell me when you know"
	LabelThinking    = "is looking that up…"
	LabelTryAsking   = "Try asking"

	SayThanks        = "Thank you for telling me."
	SayShared        = "Posted for everyone here."
	SayNotHere       = "I can't post here, because I am not a member of this channel. Invite me, then try again."
	SayPostedBefore  = "That has already been posted."
	SayMaybePosted   = "It may have been posted. Please check, and ask me again if it is not there."
	SayCannotPost    = "I can't post in this channel."
	SayNotPosted     = "I could not post that. Please try again in a moment."
	SayPrivate       = "That answer is for you alone, so I can't post it."
	SayNotForAll     = "Not everyone here may see all of that answer, so I did not post it."
	SayAlone         = "My answer is for you alone. Ask me with /ask, or allow me to send you direct messages."
	SayAloneAsk      = "My answer is for you alone. Ask me with /ask, and only you see it."
	SayCannotReply   = "I can't post where you asked, so here is my answer."
	SayAnsweredAlone = "My answer is for you alone, so nobody else sees it."
	SayManyAsked     = "Many are asking just now, so only you see this."
	SayOften         = "You asked several times just now, so only you see this."
	SaySlowDown      = "You asked several times just now. Please wait a moment, or use /ask."
	SayTogether      = "Several of you asked at once, so here are the answers together."
	SayRoleMentioned = "You mentioned my role, so I could not read your question. Please mention me instead, or use /ask."
	SayNowKnown      = "You asked me to tell you when I know:"
	SayPressAgain    = "Please press it again."
	SayMoreOffers    = "These are not all. Ask me for the others by name."
	SayWhichQuestion = `Which question do you mean? Write it after my name, or choose "` + LabelAskDesk + `" in the ` +
		"menu of the message it is in."
)

// Apology is what a person gets when something broke inside.
func Apology() Answer { return Answer{Outcome: Declined, Welcome: true, Body: say(sayBroken)} }

// factLabel is the label that people see.
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

// say formats one of the sentences above.
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

// Welcome begins a conversation at the terminal.
func Welcome(organization string) string {
	if organization == "" {
		return "Ask me who handles something. Type help for examples, quit to leave."
	}
	return "Ask me who handles something at " + organization + ". Type help for examples, quit to leave."
}
