package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kaisen/internal/simulator"
)

// contract is the only one there is, and it has few lines.
const (
	contract = "N123456789"
	lines    = 12
)

// kaisen is the carrier and the service that watches it, both run as a user would.
type kaisen struct {
	t                *testing.T
	program, config  string
	carrier, metrics string // http://… and host:port
}

// startKaisen starts both, early in a month, and waits until kaisen shows the figures of all lines.
func startKaisen(t *testing.T) *kaisen {
	t.Helper()
	k := startCarrier(t)
	k.config = k.configure("")
	service := serve(t, k.program, "run", "--config="+k.config)
	k.metrics = service.address(listening)
	service.until("it showed the figures of every line", func() bool { return len(k.gauge("kaisen_line_month_bytes")) == lines })
	return k
}

// startCarrier builds the program, and starts the carrier alone.
func startCarrier(t *testing.T) *kaisen {
	t.Helper()
	k := &kaisen{t: t, program: filepath.Join(t.TempDir(), "kaisen")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", k.program, "kaisen/cmd/kaisen")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	// In real time, but for orders, which are carried out in steps of a second. Its answers have no oddities, which
	// would be news of their own (KaisenDeadLetters).
	k.carrier = "http://" + serve(t, k.program, "simulator", "--listen=127.0.0.1:0", "--lines="+strconv.Itoa(lines), "--contract="+contract,
		"--share-lines=0", "--start=2026-05-03T12:00:00+09:00", "--speed=1", "--order-pace=1s", "--style=modern",
	).address(`the carrier answers on http://(\S+)`)
	return k
}

// configure writes the configuration of a kaisen that is a shard, or all there is.
func (k *kaisen) configure(shard string) string {
	k.t.Helper()
	client, data := simulator.DefaultConfig(), k.t.TempDir()
	text, err := json.Marshal(map[string]any{ // JSON is YAML
		"sources": []any{map[string]any{
			"name": "hq", "kind": "unom", "base_url": k.carrier, "token_url": k.carrier + "/v1/oauth/accesstokens",
			"client_id": client.ClientID, "client_secret": client.ClientSecret, "contracts": []string{contract},
			"rate_limit": map[string]any{"requests_per_second": 50, "burst": 20, "max_in_flight": 4},
			"jobs":       map[string]any{"traffic": map[string]any{"interval": "2s"}},
		}},
		"store": map[string]any{"path": filepath.Join(data, "clickhouse"), "listen": "127.0.0.1:0",
			"spool": filepath.Join(data, "spool")},
		"exporter":  map[string]any{"listen": "127.0.0.1:0"},
		"collector": map[string]any{"shard": shard},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return write(k.t, "kaisen.yaml", string(text))
}

// gauge is a gauge of kaisen's with all its labels; nothing while there is none.
func (k *kaisen) gauge(name string) []*dto.Metric {
	k.t.Helper()
	response, err := http.Get("http://" + k.metrics + "/metrics")
	if err != nil {
		k.t.Fatal(err)
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		k.t.Fatal(err)
	}
	return families[name].GetMetric()
}

// remaining is the share of its volume that kaisen shows a line to have left.
func (k *kaisen) remaining(line string) float64 {
	k.t.Helper()
	for _, metric := range k.gauge("kaisen_line_remaining_ratio") {
		if label(metric, "line_no") == line {
			return metric.GetGauge().GetValue()
		}
	}
	return 1 // nothing is known
}

// restricted reports whether kaisen shows that the carrier throttles a line for the month.
func (k *kaisen) restricted(line string) bool {
	k.t.Helper()
	for _, metric := range k.gauge("kaisen_line_restriction") {
		if label(metric, "line_no") == line && label(metric, "restriction") == "monthly" {
			return metric.GetGauge().GetValue() == 1
		}
	}
	return false
}

func label(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// truth is what the carrier knows of a line, or of all.
func (k *kaisen) truth(line string) []simulator.LineTruth {
	k.t.Helper()
	var truth struct{ Lines []simulator.LineTruth }
	get(k.t, k.carrier+"/_sim/truth?days=1&line="+url.QueryEscape(line), &truth)
	return truth.Lines
}

// thrifty is the line that has used least of a volume so small that what is added takes it far from its cap.
func (k *kaisen) thrifty() string {
	k.t.Helper()
	line, least := "", uint64(0)
	for _, l := range k.truth("") {
		traffic := l.Traffic[0]
		if left := traffic.RemainingBytes; left == nil || *left > 1<<30 || traffic.Restriction != "none" {
			continue
		}
		if line == "" || traffic.MonthBytes < least {
			line, least = l.LineNo, traffic.MonthBytes
		}
	}
	if line == "" {
		k.t.Fatal("no line has a small volume")
	}
	return line
}

// use makes a line use so much at once that a share of its month's volume is left; less than none: a little more than
// it has.
func (k *kaisen) use(line string, left float64) {
	k.t.Helper()
	now := k.truth(line)[0].Traffic[0]
	volume := float64(now.MonthBytes + *now.RemainingBytes)
	event, err := json.Marshal(simulator.Event{Type: "traffic", Contract: contract, Line: line,
		Bytes: uint64(volume*(1-left)) - now.MonthBytes})
	if err != nil {
		k.t.Fatal(err)
	}
	response, err := http.Post(k.carrier+"/_sim/events", "application/json", bytes.NewReader(event))
	if err != nil {
		k.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		k.t.Fatalf("the carrier does not take an event: %s", response.Status)
	}
}

// topUp buys a line more volume, with the command that a person would use.
func (k *kaisen) topUp(line string) {
	k.t.Helper()
	command := exec.CommandContext(k.t.Context(), k.program, "api", "unom", "data-volume", "add", line, "--yes", "--config="+k.config)
	if out, err := command.CombinedOutput(); err != nil {
		k.t.Fatalf("kaisen api unom data-volume add: %v\n%s", err, out)
	}
}
