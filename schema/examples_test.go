package schema_test

import (
	"os"
	"regexp"
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

// TestExamplesLeaveOutWhatLeftTheList: these tables keep rows that the carrier no longer lists, with the last status that it told.
func TestExamplesLeaveOutWhatLeftTheList(t *testing.T) {
	texts := map[string]string{}
	for _, file := range []string{"README.md", "../deploy/runbooks/contracts.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		texts[e.Question] = e.SQL
	}
	found := 0
	for from, text := range texts {
		for _, m := range regexp.MustCompile(`(?s)FROM (orders|service_orders|ipoe_orders|ipoe_sites) FINAL(.*?)(?:UNION|ORDER BY|$)`).FindAllStringSubmatch(text, -1) {
			found++
			if !regexp.MustCompile(`\b(listed|NOT gone)\b`).MatchString(m[2]) {
				t.Errorf("%s: %s", from, m[0])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d questions of orders and sites", found)
	}
}
