package words

// Code is told from talk by its marks: at least so many, and one in so many
// characters. People's own marks, such as quotes and dashes, do not count.
const (
	codeMarks = 4
	codeShare = 8
)

// LooksLikeCode reports whether a text is markup, a query or a command rather
// than something a person says.
func LooksLikeCode(text string) bool {
	marks, characters := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			continue
		case '<', '>', '{', '}', '[', ']', '(', ')', ';', '=', '$', '`', '\\', '|', '/', '_', '%', '#', '^', '~', '*', '+':
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
