package clickhouse_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDictionary compares schema/columns.md, the analysts' list of every column, with the migrated database.
// `KAISEN_UPDATE=1 go test ./schema/clickhouse -run TestDictionary` writes it.
func TestDictionary(t *testing.T) {
	const file = "../columns.md"
	db := migrated(t)
	text := new(strings.Builder)
	text.WriteString("# Every column\n\nWritten from the database's own comments; [README.md](README.md) tells how the tables hang together.\n")
	for _, relation := range rowsOf(query(t, db, `SELECT name, if(engine LIKE '%View', 'view', 'table'), comment, sorting_key FROM system.tables
WHERE database = currentDatabase() AND engine != 'MaterializedView' ORDER BY engine LIKE '%View', name`)) {
		name, kind, comment, key := relation[0], relation[1], relation[2], relation[3]
		fmt.Fprintf(text, "\n## `%s`\n\nA %s. %s.", name, kind, comment)
		if key != "" {
			fmt.Fprintf(text, " Sorted by %s.", key)
		}
		text.WriteString("\n\n| column | type | meaning |\n| --- | --- | --- |\n")
		if comment == "" {
			t.Errorf("%s has no comment", name)
		}
		for _, column := range rowsOf(query(t, db, "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() AND table = '"+name+"' ORDER BY position")) {
			fmt.Fprintf(text, "| `%s` | %s | %s |\n", column[0], shortType(column[1]), strings.ReplaceAll(column[2], "|", `\|`))
			if column[2] == "" {
				t.Errorf("%s.%s has no comment", name, column[0])
			}
		}
	}
	if os.Getenv("KAISEN_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("%s (-file +database); KAISEN_UPDATE=1 writes it:\n%s", file, diff)
	}
}

// rowsOf takes TSV apart.
func rowsOf(tsv string) [][]string {
	unescape := strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\t`, " ", `\n`, " ")
	var rows [][]string
	for line := range strings.Lines(tsv) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range cells {
			cells[i] = unescape.Replace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// shortType leaves the numbers of an Enum's words out, and the zone that all times have.
func shortType(kind string) string {
	if before, words, found := strings.Cut(kind, "Enum8("); found {
		var names []string
		words, after, _ := strings.Cut(words, ")")
		for word := range strings.SplitSeq(words, ", ") {
			name, _, _ := strings.Cut(word, " = ")
			names = append(names, strings.Trim(name, "'"))
		}
		return before + strings.Join(names, ", ") + after
	}
	kind = strings.ReplaceAll(kind, "('Asia/Tokyo')", "")
	return strings.ReplaceAll(kind, ", 'Asia/Tokyo'", "")
}
