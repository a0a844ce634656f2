package fleet

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

const number = "09012345678"

// nameOf is a row of labels_file with the columns department, site and near_cap_percent.
func nameOf(lineNo, name string, values ...string) schema.LineName {
	return schema.LineName{LineKey: fleettest.LineKey(lineNo), Name: name, Columns: []string{"department", "site", "near_cap_percent"}[:len(values)], Values: values,
		Present: true, ObservedAt: time.Now()}
}

// namedFleet has the line in the inventory, with a note, an answer and room for names.
func namedFleet(t *testing.T, edit func(*Config)) *Fleet {
	t.Helper()
	config := DefaultConfig()
	config.InfoLabels = []string{"department"}
	if edit != nil {
		edit(&config)
	}
	f := New(config)
	line := fleettest.Inventory(number, schema.LineActive)
	line.Note, line.IMEI, line.ACTIPAddress = "３階の窓 090-1234-5678", "356938035643809", "10.1.2.3"
	f.Write(schema.Batch{Lines: []schema.Line{line}, Traffic: []schema.TrafficSample{fleettest.Answer(number, schema.ScopeLine)}})
	return f
}

// infoOf are the name and the department in kaisen_line_info of the only line.
func infoOf(t *testing.T, f *Fleet) string {
	t.Helper()
	all := shown(t, f).Of("kaisen_line_info")
	if len(all) != 1 {
		t.Fatalf("%d series: %v", len(all), all)
	}
	found := ""
	for key := range all {
		for _, label := range []string{`name="`, `department="`} {
			if _, after, has := strings.Cut(key, ", "+label); has {
				value, _, _ := strings.Cut(after, `", `)
				found += "|" + strings.TrimSuffix(value, `"}`)
			}
		}
	}
	return found
}

// TestNamesInGauges: a name and a column are on kaisen_line_info as the file has them now, and a change ends one series and begins
// another at once.
func TestNamesInGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := namedFleet(t, nil)
		if got := infoOf(t, f); got != "" {
			t.Errorf("without a file: %s", got)
		}
		for _, step := range []struct {
			row  schema.LineName
			want string
		}{
			{nameOf(number, "渋谷カメラ3", "camera", "Shibuya"), "|camera|渋谷カメラ3"},
			{nameOf(number, "渋谷カメラ3", "設備", "Shibuya"), "|設備|渋谷カメラ3"},
			{nameOf(number, "", "設備", "Shibuya"), "|設備"},
			{nameOf(number, "x"), "|x"},
			{schema.LineName{LineKey: fleettest.LineKey(number), Name: "older", Present: true, ObservedAt: time.Now().Add(-time.Hour)}, "|x"},
			{schema.LineName{LineKey: fleettest.LineKey(number), ObservedAt: time.Now()}, ""},
			{schema.LineName{LineKey: fleettest.LineKey(number), Name: "older", Present: true, ObservedAt: time.Now().Add(-time.Hour)}, ""},
		} {
			f.Write(schema.Batch{Names: []schema.LineName{step.row}})
			got, parts := infoOf(t, f), strings.Split(step.want, "|")
			slices.Sort(parts)
			gotParts := strings.Split(got, "|")
			slices.Sort(gotParts)
			if diff := cmp.Diff(parts, gotParts); diff != "" {
				t.Errorf("after %+v: %s", step.row, diff)
			}
		}
	})
}

// TestNamesBeforeLines: a file names lines that the carrier has not told of yet; they are nowhere until it has.
func TestNamesBeforeLines(t *testing.T) {
	f := New(DefaultConfig())
	f.Restore(schema.State{Names: []schema.LineName{nameOf(number, "渋谷カメラ3")}})
	if _, total := f.Search(Query{Most: 100}, time.Now()); total != 0 || len(shown(t, f)) != 0 || len(f.Conditions(time.Now())) != 0 {
		t.Errorf("%d lines, series %v", total, shown(t, f))
	}
	f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(number, schema.LineActive)}})
	if detail, known := f.Detail(Name{"hq", "N123456789", number}, time.Now()); !known || detail.DisplayName != "渋谷カメラ3" {
		t.Errorf("%+v", detail)
	}
}

// TestWhoseWords: exporter.names says which words name a line, and what may be looked for.
func TestWhoseWords(t *testing.T) {
	for _, test := range []struct {
		names               Names
		form                linelabel.Form
		name                string // of the file
		called, info, found string
	}{
		{NamesFile, linelabel.Plain, "cam", "cam", "cam", "cam 3階 camera 356938 10.1.2.3 t3001328 uno sim 0901234 n1234"},
		{NamesFile, linelabel.Plain, "", "", "", "3階 camera 356938 10.1.2.3 t3001328 uno sim 0901234 n1234"},
		{NamesNote, linelabel.Plain, "cam", "cam", "cam", "cam 3階 camera 356938 10.1.2.3 t3001328 uno sim 0901234 n1234"},
		{NamesNote, linelabel.Plain, "", "３階の窓 090-1234-5678", "３階の窓 090-1234-5678", "3階 camera 356938 10.1.2.3 t3001328 uno sim 0901234 n1234"},
		{NamesNone, linelabel.Plain, "cam", "", "", "356938 10.1.2.3 t3001328 uno sim 0901234 n1234"},
		{NamesFile, linelabel.Masked, "cam", "cam", "cam", "cam camera t3001328 uno sim n1234"},
		{NamesNote, linelabel.Hashed, "", "３階の窓 ***-****-****", "３階の窓 ***-****-****", "3階 camera t3001328 uno sim n1234"},
		{NamesFile, linelabel.Hashed, "TEL +81 90-1234-5678", "TEL +81 **-****-****", "TEL +81 **-****-****", "camera t3001328 uno sim n1234"},
		{NamesFile, linelabel.Masked, "０９０１２３４５６７８", "***********", "***********", "camera t3001328 uno sim n1234"},
	} {
		t.Run(fmt.Sprint(test.names, test.form, test.name), func(t *testing.T) {
			f := namedFleet(t, func(c *Config) { c.Names, c.Labels = test.names, labelsOf(t, test.form) })
			f.Write(schema.Batch{Names: []schema.LineName{nameOf(number, test.name, "camera")}})
			found, _ := f.Search(Query{Most: 100}, time.Now())
			if len(found) != 1 || found[0].DisplayName != test.called {
				t.Fatalf("%+v, want %q", found, test.called)
			}
			if got := infoOf(t, f); strings.Contains(got, test.info) == false || test.names == NamesNone && got != "" {
				t.Errorf("kaisen_line_info %q, want %q", got, test.info)
			}
			var by []string
			for _, text := range []string{"cam", "3階", "camera", "356938", "10.1.2.3", "t3001328", "uno sim", "0901234", "n1234", "nothing"} {
				if _, total := f.Search(Query{Text: text, Most: 100}, time.Now()); total == 1 {
					by = append(by, text)
				}
			}
			want := test.found
			if test.name == "" || test.name != "cam" {
				want = strings.TrimPrefix(want, "cam ")
			}
			got := strings.Join(by, " ")
			if strings.Contains(want, "camera") && !strings.Contains(want, "cam ") {
				got = strings.TrimPrefix(got, "cam ") // which is a piece of camera
			}
			if got != want {
				t.Errorf("found by %q, want %q", got, want)
			}
			if label := found[0].Label; test.form != linelabel.Plain && (strings.Contains(label, number) || strings.Contains(fmt.Sprint(shown(t, f)), "1234-5678")) {
				t.Errorf("the number is there: %s", label)
			}
		})
	}
}

// TestAwkwardNames: what people write is one line of text everywhere, and Prometheus reads back what is meant.
func TestAwkwardNames(t *testing.T) {
	for written, want := range map[string]string{
		`Quote " and \ back`: `Quote " and \ back`, "two\nlines\x1b[2J": "two lines [2J", "📷 カメラ": "📷 カメラ", "מצלמה 3": "מצלמה 3",
		"\u202egnp.exe": "gnp.exe", "bad \xff": "bad \ufffd", "👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧", " x ": "x",
		strings.Repeat("長", 300): strings.Repeat("長", 200), "<script>alert(1)</script>": "<script>alert(1)</script>",
	} {
		f := namedFleet(t, nil)
		f.Write(schema.Batch{Names: []schema.LineName{nameOf(number, written, written)}})
		key := fleettest.Key("kaisen_line_info", "source", "hq", "contract_id", "N123456789", "line_no", number, "plan_code", "T3001328", "access", "lte",
			"sim_type", "標準SIM", "device_name", "UNO SIM LTE SIM ", "data_share", "registered", "name", want, "department", want)
		if got := shown(t, f); got[key] != 1 {
			t.Errorf("%q: no %s among %v", written, key, got.Of("kaisen_line_info"))
		}
	}
}

// TestOwnThreshold: near_cap_percent is the line's own threshold of near, on every count and as a gauge; with exporter.names none too.
func TestOwnThreshold(t *testing.T) {
	for _, names := range []Names{NamesFile, NamesNone} {
		f := namedFleet(t, func(c *Config) { c.Names = names })
		answer := fleettest.Answer(number, schema.ScopeLine) // a quarter is left
		answer.Restriction = schema.RestrictionNone
		f.Write(fleettest.Traffic(answer))
		for _, step := range []struct {
			percent string
			near    int
			gauge   float64
		}{{"", 0, -1}, {"30", 1, 0.3}, {"25", 0, 0.25}, {"26", 1, 0.26}, {"0", 0, 0}, {"100", 1, 1}, {"much", 0, -1}} {
			f.Write(schema.Batch{Names: []schema.LineName{nameOf(number, "x", "", "", step.percent)}})
			_, listed := f.Search(Query{List: ListNear}, time.Now())
			if got := []int{f.Conditions(time.Now())[0].NearCap, f.Overview(time.Now()).NearCap, listed}; !slices.Equal(got, []int{step.near, step.near, step.near}) {
				t.Errorf("%s %%: near %d, want %d", step.percent, got, step.near)
			}
			gauge, has := shown(t, f)[fleettest.Key("kaisen_line_near_cap_ratio", "source", "hq", "contract_id", "N123456789", "line_no", number)]
			if has != (step.gauge >= 0) || has && gauge != step.gauge {
				t.Errorf("%s %%: gauge %g, want %g", step.percent, gauge, step.gauge)
			}
		}
	}
}

// TestMemoryOfNames: of a hundred thousand names in twenty departments, each costs its own text and little more.
func TestMemoryOfNames(t *testing.T) {
	const lines = 100_000
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	f := New(DefaultConfig())
	before := heap()
	for i := range lines {
		f.Write(schema.Batch{Names: []schema.LineName{nameOf(fmt.Sprintf("090%08d", i), fmt.Sprintf("渋谷カメラ%d", i), fmt.Sprint("department ", i%20), fmt.Sprint("site ", i%20))}})
	}
	each := (heap() - before) / lines
	t.Logf("%d bytes a name", each)
	if each > 220 {
		t.Errorf("%d bytes a name", each)
	}
	runtime.KeepAlive(f)
}

// BenchmarkNames is the start with 10,000 names for lines that are known.
func BenchmarkNames(b *testing.B) {
	const lines = 10_000
	var inventory []schema.Line
	var names []schema.LineName
	for i := range lines {
		lineNo := fmt.Sprintf("090%08d", i)
		inventory = append(inventory, fleettest.Inventory(lineNo, schema.LineActive))
		names = append(names, nameOf(lineNo, fmt.Sprintf("渋谷カメラ%d", i), fmt.Sprint("department ", i%20), "渋谷"))
	}
	for b.Loop() {
		f := New(DefaultConfig())
		f.Restore(schema.State{Lines: inventory, Names: names})
		f.Exposition().Render()
	}
}

// BenchmarkSearch100k looks for a text in everything that is known of a hundred thousand lines.
func BenchmarkSearch100k(b *testing.B) {
	f := New(DefaultConfig())
	for i := range 100_000 {
		line := fleettest.Inventory(fmt.Sprintf("090%08d", i), schema.LineActive)
		line.Note, line.IMEI, line.ACTIPAddress = "３階の窓", fmt.Sprintf("3569380%08d", i), "10.1.2.3"
		f.Write(schema.Batch{Lines: []schema.Line{line}, Names: []schema.LineName{nameOf(line.LineNo, fmt.Sprintf("渋谷カメラ%d", i), "camera", "渋谷")}})
	}
	for b.Loop() {
		f.Search(Query{Text: "新宿", Most: 100}, time.Now())
	}
}

// TestLinesThatLabelsFileNamesInVain are told, by masked numbers, once their contract's list is known, and no longer when the
// file has them no more, or the list has them.
func TestLinesThatLabelsFileNamesInVain(t *testing.T) {
	f := New(DefaultConfig())
	expect := func(when string, want ...string) {
		t.Helper()
		if lines, masked := f.Unlisted(2); lines != len(want) || !slices.Equal(masked, want[:min(len(want), 2)]) {
			t.Errorf("%s: %d, %q; want %q", when, lines, masked, want)
		}
	}
	f.Write(schema.Batch{Names: []schema.LineName{nameOf(number, "a"), nameOf("09012345679", "b"), nameOf("09011111111", "c"), nameOf("09022222222", "d")}})
	f.Write(fleettest.Traffic(fleettest.Answer("09022222222", schema.ScopeLine))) // it answers all the same
	expect("no list is known")
	f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(number, schema.LineActive)}})
	expect("one is listed", "N123456789 090****1111", "N123456789 090****5679", "N123456789 090****2222")
	gone := nameOf("09011111111", "c")
	gone.Present = false
	f.Write(schema.Batch{Names: []schema.LineName{gone}, Lines: []schema.Line{fleettest.Inventory("09022222222", schema.LineRemoved)}})
	expect("one left the file, one was listed once", "N123456789 090****5679")
}
