package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kaisen/internal/porttest"
)

// server is a real Prometheus, with kaisen's rules, that scrapes a kaisen every second.
type server struct {
	t       *testing.T
	address string
}

func startServer(t *testing.T, target string) *server {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatalf("%v: .ci/tools fetches it out of Debian's package prometheus", err)
	}
	rules, err := filepath.Abs("../deploy/prometheus/rules")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t, porttest.Address(t)}
	folder := t.TempDir()
	config := filepath.Join(folder, "prometheus.yml")
	text := fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs: [{job_name: kaisen, honor_labels: true, static_configs: [{targets: [%q]}]}]
`, rules+"/*.yml", target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	command := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+s.address, "--log.level=warn")
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("Prometheus's log:\n%s", log.String())
		}
	})
	return s
}

// get asks Prometheus's API, and reads the field data of its answer.
func (s *server) get(path string, args url.Values, data any) error {
	text, err := fetch(http.Get("http://" + s.address + "/api/v1/" + path + "?" + args.Encode()))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), &struct{ Data any }{data})
}

// vector is what a query gives: series with their labels, and of each the values that are numbers.
type vector struct {
	Result []struct {
		Metric map[string]string
		Value  []any
		Values [][]any
	}
}

// numbers counts the series that have a number; an average of nothing is none.
func (v vector) numbers() (n int) {
	for _, series := range v.Result {
		for _, sample := range append(series.Values, series.Value) {
			if len(sample) == 2 && sample[1] != "NaN" {
				n++
				break
			}
		}
	}
	return n
}

// instant is a query for now.
func (s *server) instant(query string) (v vector, err error) {
	return v, s.get("query", url.Values{"query": {query}}, &v)
}

// over is a query for the last minute.
func (s *server) over(query string) (v vector, err error) {
	now := time.Now()
	return v, s.get("query_range", url.Values{
		"query": {query}, "step": {"5"}, "start": {fmt.Sprint(now.Add(-time.Minute).Unix())}, "end": {fmt.Sprint(now.Unix())},
	}, &v)
}
