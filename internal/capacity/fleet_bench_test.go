package capacity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/envtest"
	"kaisen/internal/porttest"
	"kaisen/internal/simulator"
)

// TestMain lets this binary be the engines of BenchmarkFleet.
func TestMain(m *testing.M) { chdbtest.Main(m) }

// BenchmarkFleet takes a fleet from the carrier to gauges and tables, as programs of their own on this machine, of which the carrier has no
// limit and logs of 30 days; then kaisen ends and is started again:
//
//	KAISEN_FLEET=100000 KAISEN_FLEET_ENGINES=3 go test ./internal/capacity -run '^$' -bench Fleet -benchtime 1x -v
//
// Without engines it is the embedded one. It prints, in the order of events: seconds until every line was asked once for everything and its rows are
// stored, those rows, the most memory that kaisen and all engines had, what a scrape and the page take, and seconds from the second start
// until kaisen is ready, and until a scrape has all gauges.
func BenchmarkFleet(b *testing.B) {
	lines, engines := envtest.Number(b, "KAISEN_FLEET", 5000), envtest.Number(b, "KAISEN_FLEET_ENGINES", 0)
	for b.Loop() {
		m := newMachine(b, lines, engines)
		began := time.Now()
		m.start()
		m.await("every line is asked", func() bool { return m.asked() >= lines })
		m.await("its rows are stored", func() bool {
			return m.count("SELECT uniqExact(contract_id, line_no) FROM traffic_samples") >= lines && m.spooled() == 0
		})
		swept := time.Since(began)
		rows := m.count("SELECT sum(total_rows) FROM system.tables WHERE database = 'kaisen' AND engine LIKE '%MergeTree'")
		first, scrape := m.fetch("/metrics")
		_, page := m.fetch("/")
		kaisen, others := m.peaks()
		b.ReportMetric(swept.Seconds(), "s-swept")
		b.ReportMetric(float64(lines)/swept.Seconds(), "lines/s")
		b.ReportMetric(float64(rows), "rows")
		b.ReportMetric(float64(rows)/swept.Seconds(), "rows/s")
		b.ReportMetric(kaisen, "MB-kaisen")
		b.ReportMetric(others, "MB-engines")
		b.ReportMetric(float64(first)/1e6, "MB/scrape")
		b.ReportMetric(scrape.Seconds()*1000, "ms/scrape")
		b.ReportMetric(page.Seconds()*1000, "ms/page")

		m.stop()
		began = time.Now()
		m.start()
		m.await("ready", func() bool { return m.status("/-/ready") == http.StatusOK })
		b.ReportMetric(time.Since(began).Seconds(), "s-ready")
		m.await("all gauges are back", func() bool { return len(m.get(m.shows+"/metrics")) >= first*99/100 })
		b.ReportMetric(time.Since(began).Seconds(), "s-gauges")
		m.stop()
	}
}

// machine has a carrier, a kaisen, and engines.
type machine struct {
	b               *testing.B
	program, config string
	carrier, shows  string // http://…
	cluster         *chdbtest.Cluster
	engines         int
	kaisen          *exec.Cmd
	said            bytes.Buffer
}

// newMachine starts all but kaisen.
func newMachine(b *testing.B, lines, engines int) *machine {
	b.Helper()
	folder, at := b.TempDir(), porttest.Addresses(b, 4)
	m := &machine{b: b, program: filepath.Join(folder, "kaisen"), carrier: "http://" + at[0], shows: "http://" + at[1], engines: engines}
	build := exec.CommandContext(b.Context(), "go", "build", "-o", m.program, "kaisen/cmd/kaisen")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	store := map[string]any{"path": filepath.Join(folder, "data"), "listen": at[2], "listen_native": at[3], "spool": filepath.Join(folder, "spool")}
	if engines > 0 {
		m.cluster = chdbtest.StartCluster(b, engines)
		store = map[string]any{"kind": "clickhouse", "dsn": m.cluster.DSN(0, "kaisen"), "cluster": chdbtest.ClusterName, "replicated": false, "spool": filepath.Join(folder, "spool")}
	}
	carrier := simulator.DefaultConfig()
	var contracts []string
	for i := range (lines + 999) / 1000 { // as many lines as a list shows
		contracts = append(contracts, fmt.Sprintf("N%09d", i+1))
	}
	once := map[string]any{"interval": "24h"}
	text, err := json.Marshal(map[string]any{ // JSON is YAML
		"sources": []any{map[string]any{
			"name": "hq", "kind": "unom", "base_url": m.carrier, "token_url": m.carrier + "/v1/oauth/accesstokens", "client_id": carrier.ClientID, "client_secret": carrier.ClientSecret,
			"contracts": contracts, "schedule": "fixed", "rate_limit": map[string]any{"requests_per_second": 100_000, "burst": 1000, "max_in_flight": 16},
			"jobs": map[string]any{"traffic": once, "session": once, "authentications": once, "sessions": once},
		}},
		"store": store, "exporter": map[string]any{"listen": at[1], "max_lines": lines},
	})
	if err != nil {
		b.Fatal(err)
	}
	m.config = filepath.Join(folder, "kaisen.yaml")
	if err := os.WriteFile(m.config, text, 0o600); err != nil {
		b.Fatal(err)
	}
	if engines > 0 {
		if out, err := exec.CommandContext(b.Context(), m.program, "migrate", "--config="+m.config).CombinedOutput(); err != nil {
			b.Fatalf("kaisen migrate: %v\n%s", err, out)
		}
	}
	sim := exec.CommandContext(b.Context(), m.program, "simulator", "--listen="+at[0], "--lines="+strconv.Itoa(lines), "--contract="+strings.Join(contracts, ","), "--share-lines=0", "--rps=0")
	if err := sim.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sim.Process.Kill(); _ = sim.Wait() })
	m.await("the carrier answers", func() bool { return m.get(m.carrier+"/_sim/stats") != nil })
	return m
}

// start runs kaisen.
func (m *machine) start() {
	m.b.Helper()
	m.kaisen = exec.CommandContext(m.b.Context(), m.program, "run", "--config="+m.config)
	m.kaisen.Stderr = &m.said
	if err := m.kaisen.Start(); err != nil {
		m.b.Fatal(err)
	}
}

// stop ends it.
func (m *machine) stop() {
	m.b.Helper()
	_ = m.kaisen.Process.Signal(syscall.SIGTERM)
	if err := m.kaisen.Wait(); err != nil {
		m.b.Errorf("kaisen ended with %v\n%s", err, m.said.String())
	}
}

// asked is of how many lines every call about one has been answered.
func (m *machine) asked() int {
	var stats struct{ Requests map[string]map[string]int }
	if err := json.Unmarshal(m.get(m.carrier+"/_sim/stats"), &stats); err != nil {
		return 0
	}
	sum := func(call string) (n int) {
		for _, of := range stats.Requests[call] { // a line that is not in order is refused, which is an answer
			n += of
		}
		return n
	}
	return min(sum("traffic"), sum("session"))
}

// spooled is how many bytes wait for the database.
func (m *machine) spooled() int {
	for line := range strings.Lines(string(m.get(m.shows + "/metrics"))) {
		if value, is := strings.CutPrefix(line, "kaisen_spool_bytes "); is {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return int(n)
		}
	}
	return -1
}

// count is a number, summed over the engines.
func (m *machine) count(sql string) (n int) {
	m.b.Helper()
	var answers []string
	for i := range m.engines {
		answer, _ := chdbtest.AskHTTP(m.cluster.HTTP(i, "kaisen"), strings.ReplaceAll(sql, "FROM traffic_samples", "FROM traffic_samples_local"))
		answers = append(answers, answer)
	}
	if m.engines == 0 {
		answer, _ := exec.CommandContext(m.b.Context(), m.program, "query", "--config="+m.config, "--format=TSV", sql).Output()
		answers = append(answers, string(answer))
	}
	for _, answer := range answers {
		one, _ := strconv.Atoi(strings.TrimSpace(answer)) // not ready yet
		n += one
	}
	return n
}

// peaks are the megabytes of memory that kaisen and the engines had at most.
func (m *machine) peaks() (kaisen, engines float64) {
	statuses, _ := filepath.Glob("/proc/[0-9]*/status")
	own, parent := strconv.Itoa(m.kaisen.Process.Pid), strconv.Itoa(os.Getpid())
	for _, path := range statuses {
		text, _ := os.ReadFile(path) // it may have ended
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok {
				fields[name] = strings.TrimSpace(value)
			}
		}
		kB, _ := strconv.ParseFloat(strings.TrimSuffix(fields["VmHWM"], " kB"), 64)
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		isChild := fields["PPid"] == own || fields["PPid"] == parent
		switch {
		case fields["Pid"] == own:
			kaisen = kB / 1e3
		case isChild && (bytes.Contains(command, []byte("clickhouse")) || bytes.Contains(command, []byte("engine"))):
			engines += kB / 1e3
		}
	}
	return kaisen, engines
}

// fetch is how many bytes kaisen shows, and how long the fastest of three times takes.
func (m *machine) fetch(path string) (size int, took time.Duration) {
	var times []time.Duration
	for range 3 {
		began := time.Now()
		size = len(m.get(m.shows + path))
		times = append(times, time.Since(began))
	}
	return size, slices.Min(times)
}

// get is what an address answers; nil where it does not.
func (m *machine) get(address string) []byte {
	response, err := http.Get(address)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	return body
}

func (m *machine) status(path string) int {
	response, err := http.Get(m.shows + path)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

func (m *machine) await(what string, happened func() bool) {
	m.b.Helper()
	for deadline := time.Now().Add(30 * time.Minute); !happened(); <-time.After(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			m.b.Fatalf("not within half an hour: %s\n%s", what, m.said.String())
		}
	}
}
