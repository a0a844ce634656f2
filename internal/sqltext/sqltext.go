// Package sqltext writes values as they stand in ClickHouse's SQL, where no parameter of a query can hold them: in
// statements that are shown, logged or handed to a command line.
package sqltext

import "strings"

// Quote returns text as a string literal.
func Quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
