package bot

// Finding is what became of looking at one thing that a program needs to serve.
type Finding struct {
	Part  string // of the program, such as an adapter's name
	Grade Grade
	What  string // one sentence without its full stop; holds no secret
	// Remedy is what an operator can do, of a finding that is not well.
	Remedy string
}

// Grade is how well a thing is.
type Grade uint8

// The grades.
const (
	Well     Grade = iota
	Unknown        // it cannot be seen from here
	Doubtful       // people are answered, but an operator may not have meant it so
	Wrong          // somebody is not answered
)

func (g Grade) String() string {
	return [...]string{"ok", "unknown", "doubtful", "wrong"}[g]
}
