package simulator

// Style says in which of its forms the carrier writes its answers.
type Style string

// The styles.
const (
	StyleDocument Style = "document" // as the examples of UNO Mobile API v2.1 print them: misspelt keys, blanks, braces, 2013/12/31:20:30
	StyleModern   Style = "modern"   // as its tables say and its notes announce: right keys, accessType, arrays, ISO 8601, null
	StyleMixed    Style = "mixed"    // every combination, by line: a client that reads this reads them all
)

// AsPrinted reports whether, of two forms that a document has, that of its examples is the one to use, which the
// modern style never uses and the mixed one by a number that stands for chance.
func (s Style) AsPrinted(n uint64) bool { return s == StyleDocument || s == StyleMixed && n%2 == 0 }
