package listfile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/ringthrough/ringthrough/ani"
)

var (
	errRounded = errors.New("was rounded by the spreadsheet, which took the number for a quantity, and its last digits are lost: format the column as text, then enter the numbers again, + first")
	errNoPlus  = errors.New("has no + before it, so it may lack its country code: write + and the country code, as in +16505550123; a spreadsheet keeps the + where the column is formatted as text")
)

// rounded is how spreadsheets write a long number, with the decimal sign of
// their country.
var rounded = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$`)

// readPattern is stricter than ani.ParsePattern: spreadsheets take a + for a
// sign and a leading 0 for nothing, so digits alone may have been anything.
func readPattern(e *ani.Entry, cell string) (err error) {
	cell = strings.TrimPrefix(strings.TrimSpace(cell), "'")
	if rounded.MatchString(cell) {
		return errRounded
	}
	e.Pattern, err = ani.ParsePattern(cell)
	if err == nil && isBare(cell) {
		e.Pattern, err = ani.Pattern{}, errNoPlus
	}
	return err
}

// isBare reports whether a number begins with digits that are no
// international prefix.
func isBare(s string) bool {
	s = strings.TrimLeft(s, " (")
	return s != "" && unicode.IsDigit(rune(s[0])) && !strings.HasPrefix(s, "00") && !strings.HasPrefix(s, "011")
}

// formula are the bytes that make a spreadsheet take a cell for one.
const formula = "=+-@\t\r"

// isFormula reports whether s begins with one of them, behind apostrophes or
// not.
func isFormula(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.IndexByte(formula, s[0]) >= 0
}

// disarm is how a text stands in a cell.
func disarm(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// unarm is the text that stands in a cell.
func unarm(cell string) string {
	if isFormula(cell) {
		return strings.TrimPrefix(cell, "'")
	}
	return cell
}

// isBetweenLines tells what may stand between the names of lines.
func isBetweenLines(r rune) bool {
	return unicode.IsSpace(r) || r == ',' || r == ';' || r == '|'
}

func readLines(e *ani.Entry, cell string) error {
	e.Lines = append(e.Lines[:0], strings.FieldsFunc(cell, isBetweenLines)...)
	return nil
}

// writeLines refuses names that would read back as something else or run as
// a formula; no line can have one.
func writeLines(e *ani.Entry) (string, error) {
	for _, name := range e.Lines {
		if name == "" || isFormula(name) || strings.ContainsFunc(name, isBetweenLines) {
			return "", fmt.Errorf("name %q, which is no line's name", name)
		}
	}
	return strings.Join(e.Lines, " "), nil
}

func readEnabled(e *ani.Entry, cell string) error {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "true", "yes", "1", "":
		e.Enabled = true
	case "false", "no", "0":
		e.Enabled = false
	default:
		return errors.New("must be true or false")
	}
	return nil
}

func writeEnabled(e *ani.Entry) (string, error) {
	if e.Enabled {
		return "true", nil
	}
	return "false", nil
}

func readAttestation(e *ani.Entry, cell string) error {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "none", "":
		e.MinAttestation = ani.AttestationNone
	case "c":
		e.MinAttestation = ani.AttestationC
	case "b":
		e.MinAttestation = ani.AttestationB
	case "a":
		e.MinAttestation = ani.AttestationA
	default:
		return errors.New("must be none, C, B or A")
	}
	return nil
}
