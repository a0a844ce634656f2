package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNamesOfLines: labels_file is in the database after each sweep as it is then, with rows that left it marked; a row that
// is wrong, a file that is gone and lines of nobody cost nothing else.
func TestNamesOfLines(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	lines := r.query("SELECT line_no FROM lines FINAL WHERE contract_id = 'N000000001' ORDER BY line_no LIMIT 2")
	file := filepath.Join(t.TempDir(), "lines.csv")
	r.cfg.LabelsFile = file
	const names = "SELECT line_no, name, arrayStringConcat(label_columns, ','), arrayStringConcat(label_values, ','), present FROM line_names FINAL ORDER BY line_no"
	for _, step := range []struct {
		file string // "" is none
		want []string
	}{
		{"contract_id,line_no,name,site\nN000000001,LINE0,渋谷カメラ3,渋谷\nN000000001,LINE1,x,\nN999999999,09000000000,nobody's,\nN000000001,0991,\n",
			[]string{"LINE0\t渋谷カメラ3\tsite\t渋谷\ttrue", "LINE1\tx\tsite\t\ttrue", "0991\t\tsite\t\ttrue"}},
		{"", []string{"LINE0\t渋谷カメラ3\tsite\t渋谷\ttrue", "LINE1\tx\tsite\t\ttrue", "0991\t\tsite\t\ttrue"}},
		{"no header\n", []string{"LINE0\t渋谷カメラ3\tsite\t渋谷\ttrue", "LINE1\tx\tsite\t\ttrue", "0991\t\tsite\t\ttrue"}},
		{"contract_id,line_no,name,site\nN000000001,LINE0,\"A,x\nN000000001,LINE1,x,y,z\nN000000001,0991,\n",
			[]string{"LINE0\t渋谷カメラ3\tsite\t渋谷\ttrue", "LINE1\tx\tsite\t\ttrue", "0991\t\tsite\t\ttrue"}},
		{"contract_id,line_no,name,department\nN000000001,LINE0,新宿カメラ1,設備\nN000000001,broken,y\n",
			[]string{"LINE0\t新宿カメラ1\tdepartment\t設備\ttrue", "LINE1\t\t\t\tfalse", "0991\t\t\t\tfalse"}},
	} {
		fill := strings.NewReplacer("LINE0", lines[0], "LINE1", lines[1])
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if step.file != "" {
			if err := os.WriteFile(file, []byte(fill.Replace(step.file)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r.sweep()
		if diff := cmp.Diff(strings.Split(fill.Replace(strings.Join(step.want, "\n")), "\n"), r.query(names)); diff != "" {
			t.Errorf("after %q: %s", step.file, diff)
		}
		written := r.query("SELECT count() FROM line_names")
		r.sweep()
		if again := r.query("SELECT count() FROM line_names"); again[0] != written[0] {
			t.Errorf("after %q: the same file has written rows again: %s, %s", step.file, written, again)
		}
	}
}
