package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc/pool"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/collector/unom"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/spool"
	"kaisen/schema"
	kaisendb "kaisen/schema/clickhouse"
)

const (
	benchLines   = 10_000
	benchWorkers = 8
)

// BenchmarkTrafficAnswer compares a whole traffic answer (fetch, decode, every series value, insert) with a bare loop
// of GET, json.Unmarshal into a struct and one clickhouse-go batch row, in the same run and against the same server,
// which is a process of its own. The targets are 1.8 for
// a line's first answer, which brings a month of days, and 1.3 for later ones.
func BenchmarkTrafficAnswer(b *testing.B) {
	address := startAnswering(b)
	dsn := chdbtest.Start(b)
	db, err := kaisendb.Open(b.Context(), kaisendb.Config{DSN: dsn}, kaisendb.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	var bare, first, later cost
	for b.Loop() {
		bare.add(measure(func() { bareLoop(b, address, dsn) }))
		watch := newWatch(b, address, db)
		first.add(measure(watch))
		later.add(measure(watch))
	}
	report := func(name string, c cost) {
		b.ReportMetric(float64(c.cpu.Microseconds())/float64(benchLines*b.N), name+"-cpu-µs/answer")
		b.ReportMetric(float64(c.wall.Microseconds())/float64(benchLines*b.N), name+"-wall-µs/answer")
	}
	report("bare", bare)
	report("first", first)
	b.ReportMetric(float64(first.cpu)/float64(bare.cpu), "x-cpu-first")
	b.ReportMetric(float64(first.wall)/float64(bare.wall), "x-wall-first")
	b.ReportMetric(float64(later.cpu)/float64(bare.cpu), "x-cpu-later")
	b.ReportMetric(float64(later.wall)/float64(bare.wall), "x-wall-later")
}

// cost is what something took, of this process alone.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(other cost) {
	c.wall += other.wall
	c.cpu += other.cpu
}

func measure(do func()) cost {
	cpu := func() time.Duration {
		var usage syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	started, before := time.Now(), cpu()
	do()
	return cost{time.Since(started), cpu() - before}
}

// bareTraffic is a traffic answer as somebody would write it down for a script.
type bareTraffic struct {
	ContractID, LineNo, LimitStatus1, LimitStatus2, TrafficThisMonth, Traffic1monthAgo, Traffic2monthAgo, TrafficToday,
	Traffic1dayAgo, Traffic2daysAgo, Traffic3daysAgo, Traffic4daysAgo, Traffic5daysAgo, Traffic6daysAgo, Traffic7daysAgo,
	Traffic8daysAgo, Traffic9daysAgo, Traffic10daysAgo, Traffic11daysAgo, Traffic12daysAgo, Traffic13daysAgo,
	Traffic14daysAgo, Traffic15daysAgo, Traffic16daysAgo, Traffic17daysAgo, Traffic18daysAgo, Traffic19daysAgo,
	Traffic20daysAgo, Traffic21daysAgo, Traffic22daysAgo, Traffic23daysAgo, Traffic24daysAgo, Traffic25daysAgo,
	Traffic26daysAgo, Traffic27daysAgo, Traffic28daysAgo, Traffic29daysAgo, Traffic30daysAgo, RemainedDataVolume string
}

func bareLoop(b *testing.B, address, dsn string) {
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	ctx := b.Context()
	if err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS bare (line String, month UInt64, today UInt64, remaining UInt64, at DateTime) ENGINE = MergeTree ORDER BY line"); err != nil {
		b.Fatal(err)
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO bare")
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchWorkers}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	workers := pool.New().WithMaxGoroutines(benchWorkers).WithErrors()
	for i := range benchLines {
		workers.Go(func() error {
			response, err := client.Get(address + "/v2/unom/contracts/" + benchContract(i) + "/lines/" + benchLine(i) + "/traffic")
			if err != nil {
				return err
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return err
			}
			var told bareTraffic
			if err := json.Unmarshal(body, &told); err != nil {
				return err
			}
			month, _ := strconv.ParseUint(told.TrafficThisMonth, 10, 64)
			today, _ := strconv.ParseUint(told.TrafficToday, 10, 64)
			remaining, _ := strconv.ParseUint(told.RemainedDataVolume, 10, 64)
			mu.Lock()
			defer mu.Unlock()
			return batch.Append(told.LineNo, month, today, remaining, time.Now())
		})
	}
	if err := workers.Wait(); err != nil {
		b.Fatal(err)
	}
	if err := batch.Send(); err != nil {
		b.Fatal(err)
	}
}

// newWatch makes a collector that knows the lines and has seen nothing else. What it returns polls each line once,
// and waits until every row is in ClickHouse.
func newWatch(b *testing.B, address string, db *kaisendb.DB) func() {
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL = "bench", address
	cfg.Credentials = carrier.Credentials{TokenURL: address + "/token", Style: carrier.StyleJSON, ClientID: "bench", ClientSecret: "bench"}
	cfg.Limit = ratelimit.Limit{Burst: 1, MaxInFlight: benchWorkers}
	client, err := carrier.New(cfg, nil, carrier.NewMetrics(reg), log)
	if err != nil {
		b.Fatal(err)
	}
	disk := spool.DefaultConfig()
	disk.Dir = b.TempDir()
	outbox := spool.New(disk, db, spool.NewMetrics(reg), log)
	if err := outbox.Open(); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = outbox.Run(ctx)
	}()
	b.Cleanup(func() {
		stop()
		<-ended
		_ = outbox.Close()
	})
	zone := tokyo(b)
	source, err := unom.Kind().Open(reg)(collector.Account{Source: "bench", Zone: zone, Workers: benchWorkers,
		Jobs: map[string]collector.JobConfig{unom.JobTraffic: {Interval: time.Hour}}, Settings: new(unom.Settings),
	}, client, collector.Deps{Sink: posting{outbox}, Metrics: collector.NewMetrics(reg), Log: log})
	if err != nil {
		b.Fatal(err)
	}
	var state schema.State
	for i := range benchLines {
		state.Lines = append(state.Lines, schema.Line{State: schema.LineActive,
			LineKey: schema.LineKey{Source: "bench", ContractID: benchContract(i), LineNo: benchLine(i)}})
	}
	source.Restore(state)
	return func() {
		if _, err := source.Once(ctx); err != nil {
			b.Fatal(err)
		}
		if err := outbox.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func benchContract(i int) string { return fmt.Sprintf("N%09d", i/1000+1) }
func benchLine(i int) string     { return fmt.Sprintf("090%08d", i) }

// answeringVariable makes the test binary the server of the benchmark.
const answeringVariable = "KAISEN_TEST_ANSWERING"

// startAnswering runs the server in a process of its own, so that its work is not counted.
func startAnswering(b *testing.B) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), answeringVariable+"=1")
	cmd.Stderr = os.Stderr
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		lifeline.Close()
		_ = cmd.Wait()
	})
	var address string
	if _, err := fmt.Fscan(out, &address); err != nil {
		b.Fatal(err)
	}
	return address
}

// answering serves the document's own traffic answer (UNO Mobile API v2.1 call 03 §3.2) for any line.
func answering(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/token" {
		io.WriteString(w, `{"accessToken":"bench","tokenType":"BearerToken","expiresIn":"3599"}`)
		return
	}
	parts := strings.Split(r.URL.Path, "/")
	fmt.Fprintf(w, documentedTraffic, parts[4], parts[6])
}

const documentedTraffic = `{"contractId":"%s","lineNo":"%s","limitStatus1":"0","monthlyLimitStartTime":"","dailyLimitStartTime":"",` +
	`"limitCause":"","limitStatus2":"0","trafficThisMonth":"611327130","traffic1monthAgo":"447574716","traffic2monthAgo":"394867798",` +
	`"trafficToday":"21012758","traffic1dayAgo":"77233","traffic2daysAgo":"1274590","traffic3daysAgo":"8830612","traffic4daysAgo":"93786215",` +
	`"traffic5daysAgo":"31778021","traffic6daysAgo":"205158511","traffic7daysAgo":"119091473","traffic8daysAgo":"81011","traffic9daysAgo":"89517",` +
	`"traffic10daysAgo":"10318704","traffic11daysAgo":"67939699","traffic12daysAgo":"5089542","traffic13daysAgo":"46102141","traffic14daysAgo":"83811",` +
	`"traffic15daysAgo":"78267","traffic16daysAgo":"92428","traffic17daysAgo":"84739","traffic18daysAgo":"104513","traffic19daysAgo":"78422",` +
	`"traffic20daysAgo":"87029","traffic21daysAgo":"87894","traffic22daysAgo":"91079","traffic23daysAgo":"98533","traffic24daysAgo":"9454806",` +
	`"traffic25daysAgo":"558619","traffic26daysAgo":"19802261","traffic27daysAgo":"13818036","traffic28daysAgo":"25134199","traffic29daysAgo":"82504",` +
	`"traffic30daysAgo":"94714","remainedDataVolume":"7521435648"}`

// posting is the sink of a service, without its gauges.
type posting struct{ outbox *spool.Outbox }

func (p posting) Write(ctx context.Context, b schema.Batch) error { return p.outbox.Post(ctx, b, nil) }
