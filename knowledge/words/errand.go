package words

// An order to the bot begins with one of these and a word such as "a" or "my": "write a
// letter", "summarize this".
var (
	makes = set(`
		write draft compose rewrite proofread paraphrase summarize summarise translate generate sing recite
	`)
	whatIsMade = set("a an the my our me us this that these some up out")
	// With these it says for whom: "book me a flight", "order lunch for us".
	serves = set("book schedule order buy make create cancel pay play fix remind reserve")
	whom   = set("me us")
	// These may come before.
	polite = set("can could would will you please pls plz just kindly now then hey hi hello")
)

// IsErrand reports whether a text orders the bot to do something, rather than asks who does.
func IsErrand(text []Word) bool {
	i := 0
	for i < len(text) && polite[text[i].Text] {
		i++
	}
	if i+1 >= len(text) {
		return false
	}
	verb, next, last := text[i].Text, text[i+1].Text, text[len(text)-1].Text
	switch {
	case makes[verb]:
		return whatIsMade[next]
	case serves[verb]:
		return whom[next] || whom[last] && text[len(text)-2].Text == "for"
	}
	return false
}
