package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/config"
	"kaisen/schema"
)

// TestNamesOfLines: labels_file is in the database after each sweep as it is then, with rows that left it marked; a row that
// is wrong, a file that is gone and lines of nobody cost nothing else.
func TestNamesOfLines(t *testing.T) {
	t.Parallel()
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

// TestABrokenLabelsFileIsToldOnce: each reason why the file is not taken is logged once and stands among the notes as long as
// it is so, from the first reading on.
func TestABrokenLabelsFileIsToldOnce(t *testing.T) {
	cfg := config.DefaultConfig()
	cfg.LabelsFile = filepath.Join(t.TempDir(), "lines.csv")
	write := func(text string) {
		if err := os.WriteFile(cfg.LabelsFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	move := func(from, to string) {
		if err := os.Rename(cfg.LabelsFile+from, cfg.LabelsFile+to); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		said := new(liveLog)
		n := newLineNames(&cfg, discard{}, slog.New(slog.NewTextHandler(said, nil)))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go n.run(ctx)
		for _, step := range []struct {
			what, note, logged string // empty: none
			do                 func()
		}{
			{"missing at the start", "no such file", "no such file", func() {}},
			{"without a header", "row 1: columns", "row 1: columns", func() { write("no header\n") }},
			{"gone", "no such file", "no such file", func() { move("", ".away") }},
			{"back as it was", "row 1: columns", "row 1: columns", func() { move(".away", "") }},
			{"good", "", "good again", func() { write("contract_id,line_no,name\n") }},
		} {
			step.do()
			time.Sleep(time.Minute)
			synctest.Wait()
			notes := strings.Join(n.notes(func(int) (int, []string) { return 0, nil }), "\n")
			if (notes == "") != (step.note == "") || !strings.Contains(notes, step.note) {
				t.Errorf("%s: notes %q, want %q", step.what, notes, step.note)
			}
			if got := said.String(); strings.Count(got, "labels file is") != 1 || !strings.Contains(got, step.logged) {
				t.Errorf("%s: logged %q, want %q once", step.what, got, step.logged)
			}
			said.Reset()
		}
	})
}

// discard takes every row.
type discard struct{}

func (discard) Write(context.Context, schema.Batch) error { return nil }
