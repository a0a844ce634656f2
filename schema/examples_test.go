package schema_test

import (
	"os"
	"strings"
	"testing"

	"kaisen/schema"
)

// today() is the day of the server's time zone, which nobody sets for kaisen: of a server in UTC it is the day before, for the first
// nine hours of the carrier's, and on the first of a month another month.
func TestExamplesGoByTheCarriersDay(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(examples, schema.Example{Question: "README.md", SQL: string(readme)}) {
		for _, function := range []string{"today()", "yesterday()"} {
			if strings.Contains(e.SQL, function) {
				t.Errorf("%s: %s is of the server's time zone", e.Question, function)
			}
		}
	}
}
