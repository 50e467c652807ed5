package draft

import "strings"

// formulaStarts are the characters with which a spreadsheet begins a formula
// (owasp.org/www-community/attacks/CSV_Injection).
const formulaStarts = "=+-@"

// isFormula reports whether a spreadsheet would take a cell for a formula, with or without
// the apostrophes of [Guard] before it.
func isFormula(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte(formulaStarts, rest[0]) >= 0
}

// Guard puts an apostrophe before a cell that a spreadsheet would take for a formula.
func Guard(cell string) string {
	if isFormula(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes the apostrophe of [Guard] away.
func unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && isFormula(rest) {
		return rest
	}
	return cell
}

// unformula is unguard for a cell of any table: ="0123", which keeps a spreadsheet from
// dropping a zero, is 0123.
func unformula(cell string) string {
	if rest, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(rest, `"`) {
		return strings.ReplaceAll(strings.TrimSuffix(rest, `"`), `""`, `"`)
	}
	return unguard(cell)
}
