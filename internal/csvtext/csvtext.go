// Package csvtext keeps what the carrier or a customer has written from being more than text in a spreadsheet.
//
// It writes no CSV: encoding/csv does.
package csvtext

import "strings"

// Harmless is a text that no spreadsheet takes for a formula: one that begins like a formula, full-width signs too, gets an
// apostrophe before it.
func Harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
