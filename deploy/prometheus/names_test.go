package prometheus

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asked is what rules and runbooks ask Prometheus for: by metric the labels, and one place that does.
type asked struct {
	labels map[string]bool
	where  string
}

// everythingAsked reads the rules and what the runbooks have to paste.
func everythingAsked(t *testing.T) map[string]*asked {
	t.Helper()
	found := map[string]*asked{}
	note := func(where, expr string) {
		for name, labels := range selectors(t, where, expr) {
			if found[name] == nil {
				found[name] = &asked{map[string]bool{}, where}
			}
			for _, label := range labels {
				found[name].labels[label] = true
			}
		}
	}
	for _, r := range rules(t) {
		note(r.Alert+r.Record, r.Expr)
	}
	blocks := 0
	for _, file := range glob(t, "../runbooks/*.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile("(?ms)^```promql\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
			note(file, match[1])
			blocks++
		}
	}
	if blocks < 30 {
		t.Errorf("%d blocks of PromQL in the runbooks: are they marked otherwise now?", blocks)
	}
	return found
}

// TestMetricsExist: what is asked for is made by a rule, or stands as a name in kaisen's code.
func TestMetricsExist(t *testing.T) {
	known := namesInCode(t)
	for _, r := range rules(t) {
		known[r.Record] = true
	}
	known["up"], known["ALERTS"], known["process_start_time_seconds"] = true, true, true // of Prometheus and its client library
	for name, a := range everythingAsked(t) {
		if !known[strings.TrimSuffix(name, "_bucket")] {
			t.Errorf("%s asks for %s, which nobody makes", a.where, name)
		}
	}
	for _, l := range timelines(t) {
		for _, series := range l.InputSeries {
			if name, _, _ := strings.Cut(series.Series, "{"); !known[name] && name != "unrelated" {
				t.Errorf("the test %s feeds %s, which nobody makes", l.Name, name)
			}
		}
	}
}

// namesInCode are the metric names in the Go files that are no tests: names are literals in this house.
func namesInCode(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, room := range []string{"collector", "exporter", "schema", "internal"} {
		err := filepath.WalkDir("../../"+room, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, match := range regexp.MustCompile(`"(kaisen_[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
				names[match[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// TestLabelsExist asks a real kaisen, which has swept a simulated carrier: a matcher on a label that a metric does not
// have matches nothing, and nobody would know.
func TestLabelsExist(t *testing.T) {
	shown := scrape(t)
	// These appear when something has happened that does not happen here.
	rare := []string{
		"kaisen_api_throttled_total", "kaisen_rate_limit_operation_requests_per_second", "kaisen_rate_limit_daily_requests", "kaisen_rate_limit_daily_remaining", "kaisen_store_errors_total", "kaisen_spool_rejected_rows_total", "kaisen_dead_letters_total", "kaisen_api_dates_rejected_total",
		"kaisen_parse_warnings_total", "kaisen_line_exhaustion_timestamp_seconds", "kaisen_data_share_exhaustion_timestamp_seconds", "kaisen_line_month_end_bytes", "kaisen_line_near_cap_ratio", "kaisen_line_authentications_refused_total",
		"kaisen_order_since_timestamp_seconds", "kaisen_order_planned_timestamp_seconds", "kaisen_order_error_timestamp_seconds",
	}
	ofTarget := []string{"__name__", "instance", "job", "exported_job"}
	for name, a := range everythingAsked(t) {
		if !strings.HasPrefix(name, "kaisen_") {
			continue
		}
		labels, there := shown[strings.TrimSuffix(name, "_bucket")]
		if !there {
			if !slices.Contains(rare, name) {
				t.Errorf("%s asks for %s, which kaisen does not show", a.where, name)
			}
			continue
		}
		for label := range a.labels {
			if !labels[label] && !slices.Contains(ofTarget, label) {
				t.Errorf("%s asks for %s by %s; its labels are %v", a.where, name, label, labels)
			}
		}
	}
}
