// Package bot is the desk: what a question and an answer are, and how one
// becomes the other. This comment is the tour of the whole program.
//
// A question reaches an adapter (adapters/console, slack, discord), which strips
// the platform's markup and hands a [Question] to a [Handler]. The [Desk] is that
// handler. It gets the current [knowledge.Base] once, has it match the question, and
// turns the [knowledge.Match] into an [Answer]: the card of one division, two or three
// suggestions, or "I can't answer that", with a signpost if the file has one. The
// adapter renders the Answer for its platform.
//
//	adapters/…   event → Question                 Answer → blocks, embed, lines
//	bot          Desk: Question → Match → Answer; its sentences: voice.go
//	             Compare: what two versions of the file answer differently
//	             …/journal: what must survive the end of the process, and what was asked
//	knowledge    Base: the file, read, checked, indexed, calibrated; text → Match
//	             …/text: what is said, as a tree; …/words, …/ranking: the matcher
//
// A question says who can read its answer; the Base that answers it holds only what
// these readers may see. The program (cmd/frontdesk) watches the file and gives the
// desk the newest usable snapshot.
//
// An Answer is data without any platform's markup: its texts are the trees that
// package knowledge parsed from the file's Markdown, so neither a person nor the file
// can mention a channel or forge a link unless an adapter allows it.
//
// The steps from question to answer are pure: the same file and the same words always
// give the same answer. Package knowledge/ranking computes scores and confidence; this
// package decides what to do with them. It knows no platform, no settings and no clock.
//
//	bot.go          Question, Answer, Handler
//	adapter.go      Adapter, its state and events
//	admin.go        what admins do in chat: actions and forms
//	desk.go         Desk: from a question to an answer
//	voice.go        what the desk says to people; notices.go: to admins
//	plain.go        an answer as text without markup
//	short.go        the part of an answer that is read at a glance
//	guard.go        a handler that never panics
//	compare.go      what two versions of a knowledge file answer differently
package bot
