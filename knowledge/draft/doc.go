// Package draft makes a first knowledge file out of what an organization already has: a
// table, a web page, a Markdown page, or answers to a few questions. It also writes a
// knowledge file as a table and reads that back without loss. It knows no terminal and
// writes no file; the commands init and export call it.
//
// A [Draft] is a [knowledge.File] without places, and what there is to say about how it
// was read: how each column was taken, and what found no place.
//
//	draft.go      [Draft], [Read]: which kind of source it is
//	ask.go        answers to a few questions, or a sample
//	decode.go     bytes → text, in the encodings that spreadsheets and browsers write
//	division.go   what is said about one division → its keys
//	ids.go        names → ids
//	lists.go      a cell or a line → a list; a topic and its text
//	contact.go    e-mail addresses, telephone numbers, web addresses and channels in a text
//	roles.go      the name of a column, or a label, → what it stands for
//	csv.go        text → rows: the delimiter, the header
//	columns.go    the columns of a table and what each is taken as
//	rows.go       rows → divisions
//	html.go       HTML and Markdown → the contents of a page; what it says of itself
//	blocks.go     the elements of a page → its blocks
//	outline.go    blocks → divisions
//	level.go      which level of headings names the divisions
//	fit.go        a Draft → one that the bounds of knowledge files allow
//	yaml.go       a File → YAML
//	table.go      the rows of a table that holds all of a File; tablewrite.go, tableread.go:
//	              a File → its table, and back
//	guard.go      cells that a spreadsheet would take for a formula
package draft
