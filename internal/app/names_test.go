package app

import (
	"context"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
)

// TestNamesWhileRunning: whenever labels_file changes, page, gauges and SQL say the same of a line, and none of them anything of
// one that left the file.
func TestNamesWhileRunning(t *testing.T) {
	t.Parallel() // it waits for kaisen to look at the file
	r := newFixture(t, nil)
	r.sweep()
	// of one with a volume of its own, what is left
	line := strings.Split(r.query("SELECT line_no, cap_remaining_ratio FROM line_status WHERE contract_id = 'N000000001' AND cap_scope = 'line' AND cap_remaining_ratio > 0.3 AND restriction = 'none' ORDER BY line_no LIMIT 1")[0], "\t")
	file := filepath.Join(t.TempDir(), "lines.csv")
	write := func(rows string) {
		if err := os.WriteFile(file+".new", []byte("contract_id,line_no,name,department,near_cap_percent\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	r.cfg.LabelsFile, r.cfg.Exporter.InfoLabels = file, []string{"department"}
	a := r.app()
	at := run(t, a)
	ready, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := a.WaitReady(ready); err != nil {
		t.Fatal(err)
	}
	const mistyped = "N000000001,09012340000,x,,\n"
	for _, step := range []struct{ rows, name, department, near string }{
		{"N000000001,LINE,\"Shibuya \"\"3\"\" \\ <カメラ> 📷\",設備,100\n", `Shibuya "3" \ <カメラ> 📷`, "設備", "1"},
		{"N000000001,LINE,מצלמה,,\n" + mistyped, "מצלמה", "", "0"},
		{"", "", "", "0"},
	} {
		write(strings.ReplaceAll(step.rows, "LINE", line[0]))
		sql := "SELECT name, labels['department'], (SELECT count() FROM near_cap_lines WHERE line_no = '" + line[0] + "') FROM line_status WHERE line_no = '" + line[0] + "' FORMAT TSVRaw"
		want := step.name + "\t" + step.department + "\t" + step.near
		r.eventually("the name is stored", func() bool { // which costs less to ask
			return strings.Join(r.query("SELECT if(present, name, '') FROM line_names FINAL WHERE line_no = '"+line[0]+"' FORMAT TSVRaw"), "") == step.name
		})
		r.eventually("SQL says "+want, func() bool { return r.query(sql)[0] == want })
		// Rows may be in the database a moment before the gauges and the pages go by them.
		r.eventually("kaisen_line_info says "+want, func() bool {
			return infoOf(get(t, at+"/metrics"), line[0]) == step.name+"|"+step.department
		})
		r.eventually("the list of near ones goes by "+want, func() bool {
			return strings.Contains(get(t, at+"/lines?list=near"), line[0]) == (step.near == "1")
		})
		r.eventually("the notes tell of a mistyped number", func() bool {
			told := strings.HasSuffix(strings.Join(a.notes(), ""), "their contracts' lists do not have, mistyped perhaps: 1: N000000001 090****0000")
			return told == strings.Contains(step.rows, mistyped)
		})
		page := get(t, at+"/line?source=hq&contract=N000000001&line="+line[0])
		for text, has := range map[string]bool{"<bdi>" + step.name + "</bdi>": step.name != "", "<dd><bdi>" + step.department: step.department != ""} {
			if strings.Contains(html.UnescapeString(page), text) != has {
				t.Errorf("with %q the page's having %s is %t", step.rows, text, !has)
			}
		}
	}
}

// infoOf is the name and the department in a line's kaisen_line_info.
func infoOf(metrics, lineNo string) string {
	series := regexp.MustCompile(`(?m)^kaisen_line_info\{.*line_no="` + lineNo + `".*$`).FindString(metrics)
	label := func(name string) string {
		found := regexp.MustCompile(`[{,]` + name + `="((?:[^"\\]|\\.)*)"`).FindStringSubmatch(series)
		if found == nil {
			return ""
		}
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(found[1])
	}
	return label("name") + "|" + label("department")
}

// TestNamesSayNoNumber: where labels are hashed, neither a name that holds a number nor a note shows it.
func TestNamesSayNoNumber(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	line := r.query("SELECT min(line_no) FROM lines FINAL WHERE contract_id = 'N000000001' AND state = 'active'")[0]
	dir := t.TempDir()
	r.cfg.LabelsFile, r.cfg.Exporter.InfoLabels = filepath.Join(dir, "lines.csv"), []string{"phone"}
	r.cfg.Exporter.LineLabel, r.cfg.Exporter.LineLabelKeyFile, r.cfg.Exporter.Names = linelabel.Hashed, filepath.Join(dir, "key"), fleet.NamesNote
	rows := "contract_id,line_no,name,phone\nN000000001," + line + ",カメラ " + line + "," + line[:3] + "-" + line[3:7] + "-" + line[7:] + "\n"
	if err := os.WriteFile(r.cfg.LabelsFile, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	at := run(t, r.app())
	r.eventually("the name is there", func() bool { return strings.Contains(get(t, at+"/metrics"), `name="カメラ ***********"`) })
	for _, path := range []string{"/metrics", "/lines", "/", "/lines?q=%E3%82%AB%E3%83%A1%E3%83%A9"} {
		if body := get(t, at+path); strings.Contains(body, line) || strings.Contains(body, line[3:7]+"-"+line[7:]) {
			t.Errorf("%s says the number", path)
		}
	}
}
