package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const printed = `goos: linux
pkg: kaisen/internal/app
BenchmarkAnswer-2    1   1500000 ns/op   1.75 x-cpu   1.30 x-later
BenchmarkAnswer-2    1   1500000 ns/op   1.95 x-cpu   1.20 x-later
BenchmarkAnswer-2    1   1500000 ns/op   1.85 x-cpu   1.31 x-later
--- FAIL: BenchmarkSeries
    series_test.go:9: too much
BenchmarkSeries/all-of-it-2   2   74.0 %hits
PASS
`

func TestTable(t *testing.T) {
	promises, err := readPromises("figure,benchmark,unit,bound,target\n" +
		"first,Answer,x-cpu,at most,1.8\nlater,Answer,x-later,at most,1.3\ntime,Answer,ns/op,at most,2e6\n" +
		"\"hits, of a hundred\",Series/all-of-it,%hits,at least,76\nelsewhere,Other,ms,at most,5\n")
	if err != nil {
		t.Fatal(err)
	}
	m := measured{}
	if err := m.read(strings.NewReader(printed), "printed"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := printTable(&out, promises, m); err != nil {
		t.Fatal(err)
	}
	want := `FIGURE              TARGET     MEASURED      HOLDS
first               ≤ 1.8      1.85          NO
later               ≤ 1.3      1.3           yes
time                ≤ 2000000  1500000       yes
hits, of a hundred  ≥ 76       74            NO
elsewhere           ≤ 5        not measured  –
2 hold, 2 do not, 1 were not measured
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPromisesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"what,unit\n": "first row",
		"figure,benchmark,unit,bound,target\nx,X,ms,below,5\n":     `x: the bound is "below"`,
		"figure,benchmark,unit,bound,target\nx,X,ms,at most,few\n": `x: the target "few"`,
		"figure,benchmark,unit,bound,target\nx,X,ms\n":             "wrong number of fields",
	} {
		if _, err := readPromises(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if err := run([]string{filepath.Join(t.TempDir(), "none")}, os.Stdout); err == nil {
		t.Error("a file that is not there")
	}
}

// TestEveryPromiseHasItsBenchmark finds promises that no benchmark of the repository can keep, after one was renamed.
func TestEveryPromiseHasItsBenchmark(t *testing.T) {
	promises, err := readPromises(promisesCSV)
	if err != nil {
		t.Fatal(err)
	}
	source, err := exec.Command("git", "grep", "-hE", `func Benchmark|ReportMetric|ReportAllocs`, "--", "../../*_test.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range promises {
		name, _, _ := strings.Cut(p.benchmark, "/")
		if !regexp.MustCompile(`func Benchmark` + name + `\(`).Match(source) {
			t.Errorf("%s: there is no Benchmark%s", p.figure, name)
		}
		// A unit is written out, or ends in what is: name+"-B/row".
		unit := p.unit[strings.LastIndexByte(p.unit, '-')+1:]
		if !strings.HasSuffix(unit, "/op") && !regexp.MustCompile(`"[^"]*`+regexp.QuoteMeta(unit)+`"\)`).Match(source) {
			t.Errorf("%s: no benchmark reports %s", p.figure, p.unit)
		}
	}
}
