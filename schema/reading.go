package schema

// Reading is a point on which the carrier's documents may be read in more than one way. Kaisen works under each of them,
// finds out by the answers which holds, and writes that to table carrier_findings.
type Reading struct {
	Name   string // in carrier_findings.reading
	Title  string // the question, in one sentence
	Source string // where in the documents it arises
	Values []ReadingValue
}

// ReadingValue is one way to read the documents.
type ReadingValue struct {
	Name  string // in carrier_findings.value
	Means string // what the carrier does then
	Does  string // what kaisen does about it
}
