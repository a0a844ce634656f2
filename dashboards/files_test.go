package dashboards

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the files instead of comparing them")

// TestFilesAreWritten: the files that are installed are what the functions describe, no more and no less.
func TestFilesAreWritten(t *testing.T) {
	described := map[string]bool{}
	for _, d := range all() {
		name := d.uid + ".json"
		described[name] = true
		want, err := d.write()
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its function describes (%v): run go generate ./dashboards", name, err)
		}
	}
	there, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if !described[name] {
			t.Errorf("%s is described by no function", name)
		}
	}
}

// installed reads the dashboards as Grafana would, in the order of the links at their heads.
func installed(t testing.TB) []model {
	t.Helper()
	var models []model
	for _, d := range all() {
		text, err := os.ReadFile(d.uid + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m model
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&m); err != nil {
			t.Fatalf("%s: %v", d.uid, err)
		}
		models = append(models, m)
	}
	return models
}

// pictures are the panels that show something, without the headings of rows.
func (m model) pictures() []panelBox {
	var found []panelBox
	for _, p := range m.Panels {
		if p.Type != "row" {
			found = append(found, p)
		}
	}
	return found
}

// store is the database that the dashboard asks: a dashboard asks one kind alone.
func (m model) store() store {
	if m.Templating.List[0].Name == prometheus().variable {
		return prometheus()
	}
	return clickhouse()
}
