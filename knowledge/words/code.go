package words

// A text counts as code if it has at least codeMarks punctuation marks of code, and at
// least one for every codeShare characters.
const (
	codeMarks = 4
	codeShare = 8
)

// LooksLikeCode reports whether a text is probably markup, a query or a command.
func LooksLikeCode(text string) bool {
	marks, characters := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			continue
		case '<', '>', '{', '}', '[', ']', '(', ')', ';', '=', '$', '`', '\\', '|', '/', '_', '%', '#', '^', '~', '*',
			'+':
			marks++
		case '-':
			if i > 0 && text[i-1] == '-' {
				marks += 2
			}
		}
		characters++
	}
	return marks >= codeMarks && marks*codeShare >= characters
}
