package dashboards

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
)

// BenchmarkPanels asks every query of the dashboards for ClickHouse of the database that KAISEN_HISTORY_DSN names (http://…), as a
// history that BenchmarkHistory has left there: with the dashboard's own time, of all contracts, and of the first line. It prints
// the milliseconds that each takes once it is warm, the slowest of a dashboard's panels as its figure.
func BenchmarkPanels(b *testing.B) {
	dsn := os.Getenv("KAISEN_HISTORY_DSN")
	if dsn == "" {
		b.Skip("no KAISEN_HISTORY_DSN")
	}
	for _, m := range installed(b) {
		if m.store() != clickhouse() {
			continue
		}
		a := asking{from: timeAgo(b, m.Time.From), to: time.Now(), values: map[string][]string{}, all: map[string]bool{}}
		for _, v := range m.Templating.List[1:] {
			text := askDSN(b, dsn, a.sql(b, v.Definition))
			a.values[v.Name] = strings.Split(strings.TrimSpace(text), "\n")
			if a.all[v.Name] = v.IncludeAll; !v.Multi {
				a.values[v.Name] = a.values[v.Name][:1]
			}
		}
		for _, p := range m.pictures() {
			for i, q := range p.Targets {
				in := a
				if p.TimeFrom != "" {
					in.from = timeAgo(b, "now-"+p.TimeFrom)
				}
				sql := in.sql(b, q.RawSQL)
				b.Run(m.UID+"/"+p.Title+strings.Repeat("+", i), func(b *testing.B) {
					var took []time.Duration
					askDSN(b, dsn, sql)
					for b.Loop() {
						began := time.Now()
						askDSN(b, dsn, sql)
						took = append(took, time.Since(began))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(slices.Min(took).Microseconds())/1000, "ms")
				})
			}
		}
	}
}

// timeAgo is a time as Grafana writes it: now-24h.
func timeAgo(b *testing.B, text string) time.Time {
	b.Helper()
	text = strings.TrimPrefix(text, "now-")
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := time.ParseDuration(days + "h")
		if err != nil {
			b.Fatal(err)
		}
		return time.Now().Add(-24 * n)
	}
	n, err := time.ParseDuration(text)
	if err != nil {
		b.Fatal(err)
	}
	return time.Now().Add(-n)
}

func askDSN(b *testing.B, dsn, sql string) string {
	b.Helper()
	text, err := chdbtest.AskHTTP(dsn, sql)
	if err != nil {
		b.Fatal(err)
	}
	return text
}
