// Package bot is the desk: what a question and an answer are, and how one
// becomes the other. This comment is the tour of the whole program.
//
// A question reaches an adapter (adapters/console, slack, discord), which strips
// the platform's markup and hands a [Question] to a [Handler]. The [Desk] is that
// handler. It asks for the current [knowledge.Base] once, lets the Base match
// the question, and makes of the [knowledge.Match] an [Answer]: the card of one
// division, two or three suggestions, or an honest "I can't answer that" with a
// signpost if the file has one. The adapter shows the Answer in its platform's
// own form.
//
//	adapters/…   event → Question                 Answer → blocks, embed, lines
//	bot          Desk: Question → Match → Answer; every sentence it says: voice.go
//	             Compare: what two versions of the file answer differently
//	knowledge    Base: the file, read, checked, indexed, calibrated; text → Match
//	             …/text: what is said, as a tree; …/words, …/ranking: the matcher
//
// A question says who will be able to read its answer; the Base that answers it is
// made of what these readers may see. The command line (cmd/frontdesk) follows the
// file and hands the desk the newest snapshot that is fit to be used.
//
// An Answer is data. It holds no markup of any platform: its texts are the
// small trees that package knowledge made of the file's Markdown, so nothing
// that a person or the file wrote can mention a channel or forge a link unless
// an adapter lets it.
//
// The steps from question to answer are pure: the same file and the same words
// always give the same answer. How words become scores and scores confidence
// is the subject of package knowledge/ranking; this package only decides what to do
// with them. It knows no platform, no settings and no clock.
package bot
