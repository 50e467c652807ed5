package bot

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge/text"
)

// The notices to admins about their knowledge file.
const (
	sayFileUsed    = "I now use the new knowledge file (version %s)."
	sayFileRefused = "The new knowledge file has errors. I still use the previous one:"
	sayFileHeld    = "The new knowledge file (version %s) changes %d of %d answers. " +
		"I still use the previous one; confirm to switch."
	sayCanaryWrong = "My self-check failed: %s."
	sayCanaryRight = "My self-check passes again."
	sayFileGone    = "That version is no longer pending."

	problemsShown = 10 // enough to start with; the log lists more
	sayProblems   = "… and %d more, in the log."
)

// FileUsed says that a new knowledge file is in use.
func FileUsed(version string) Answer { return Note(fmt.Sprintf(sayFileUsed, version)) }

// CanaryWrong says that the self-check (canary question) fails, and why.
func CanaryWrong(why string) Answer { return Note(fmt.Sprintf(sayCanaryWrong, why)) }

// CanaryRight says that the self-check passes again.
func CanaryRight() Answer { return Note(sayCanaryRight) }

// FileGone says that the version to be confirmed is no longer pending.
func FileGone() Answer { return Note(sayFileGone) }

// FileRefused lists the problems of a rejected knowledge file, one per line of problems.
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

// UseFile begins the value of the action that uses a pending version, which follows it.
const UseFile = "use "

// FileHeld says that a new knowledge file is pending until somebody confirms it.
// Concerns are sentences about what else to consider before confirming.
func FileHeld(version string, changes, questions int, concerns []string) Answer {
	a := Note(fmt.Sprintf(sayFileHeld, version, changes, questions))
	a.Actions = []Action{{Label: LabelConfirm, Value: UseFile + version, Primary: true}}
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

// Note makes a notice of one sentence.
func Note(sentence string) Answer {
	return Answer{Outcome: Answered, Welcome: true, Body: plain(sentence)}
}
