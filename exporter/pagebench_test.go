package exporter

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// wholeFleet is a hundred thousand lines of which everything is known: inventory, traffic, session, 31 days and a
// forecast; with the given labels. And the heap that they take.
func wholeFleet(labels linelabel.Labels) (f *fleet.Fleet, heap uint64) {
	before := heapBytes()
	config := fleet.DefaultConfig()
	config.Labels = labels
	f = fleet.New(config)
	random := rand.New(rand.NewPCG(7, 8))
	today := schema.DateOf(time.Now().In(config.Zone))
	for i := range benchLines {
		sample := everySeries(i, random)
		b := schema.Batch{
			Traffic: []schema.TrafficSample{sample},
			Lines: []schema.Line{{LineKey: sample.LineKey, State: schema.LineActive, ObservedAt: sample.ObservedAt,
				PlanCode: fmt.Sprintf("T30013%02d", i%20), Access: "lte", SIMType: "nanoSIM", DeviceName: fmt.Sprintf("LTE USB %d", i%50)}},
			Sessions: []schema.SessionSample{{LineKey: sample.LineKey, ObservedAt: sample.ObservedAt, ReceivedAt: sample.ReceivedAt,
				SessionType: schema.SessionDomestic, Connected: schema.Some(i%3 == 0)}},
		}
		for ago := range 31 {
			b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: sample.LineKey, Scope: schema.ScopeLine, Day: today.AddDays(-ago), Bytes: random.Uint64N(1e9)})
		}
		f.Write(b)
	}
	f.Forecast("hq", benchForecasts(0))
	f.Exposition().Render()
	return f, heapBytes() - before
}

// benchForecasts has a forecast of every line; every third one runs out.
func benchForecasts(shift time.Duration) []schema.LineForecast {
	rows := make([]schema.LineForecast, benchLines)
	for i := range rows {
		rows[i] = schema.LineForecast{LineKey: benchLine(i), MonthEndBytes: 3e9, MonthEndLow: 2e9, MonthEndHigh: 4e9}
		if i%3 == 0 {
			rows[i].ExhaustionAt = schema.Some(time.Now().Add(time.Duration(i)*time.Second + shift))
		}
	}
	return rows
}

// BenchmarkWhole100k is a scrape, the page and a round of forecasts of 100,000 lines of which everything is known, and
// what they weigh: at most 150 MB.
func BenchmarkWhole100k(b *testing.B) {
	f, heap := wholeFleet(linelabel.Labels{})
	scrape := newScrape(f.Exposition(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	b.Run("scrape/gzip", func(b *testing.B) {
		stop := keepChanging(f, everySeries)
		defer stop()
		benchScrapes(b, scrape, "gzip")
		b.ReportMetric(float64(heap)/1e6, "MB-heap")
		b.ReportMetric(float64(heap)/150e6, "of-150-MB")
	})
	pages := pagesOf(b, f, prometheus.NewRegistry(), Health{})
	for name, path := range map[string]string{"page": "/", "search": "/lines?q=0901", "line": "/line?source=hq&contract=N100000000&line=09010000000"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := pages.get(path); got.status != http.StatusOK {
					b.Fatalf("%s: %d", path, got.status)
				}
			}
		})
	}
	b.Run("forecast", func(b *testing.B) {
		for round := 0; b.Loop(); round++ {
			b.StopTimer()
			rows := benchForecasts(time.Duration(round) * time.Minute)
			b.StartTimer()
			f.Forecast("hq", rows)
		}
	})
}

// BenchmarkPages10k is what a person waits for with 10,000 lines: at most 50 ms for the page at / and 150 ms for a list.
func BenchmarkPages10k(b *testing.B) {
	f := fleet.New(fleet.DefaultConfig())
	random := rand.New(rand.NewPCG(7, 8))
	today := schema.DateOf(time.Now().In(f.Config().Zone))
	for i := range 10_000 {
		sample := everySeries(i, random)
		batch := schema.Batch{Traffic: []schema.TrafficSample{sample}, Lines: []schema.Line{{LineKey: sample.LineKey, State: schema.LineActive, ObservedAt: sample.ObservedAt,
			PlanCode: fmt.Sprintf("T30013%02d", i%20), DeviceName: fmt.Sprintf("LTE USB %d", i%50), Note: fmt.Sprintf("shop %d", i), IMEI: fmt.Sprintf("35123456%07d", i)}}}
		for ago := range 31 {
			batch.Daily = append(batch.Daily, schema.TrafficDaily{LineKey: sample.LineKey, Scope: schema.ScopeLine, Day: today.AddDays(-ago), Bytes: random.Uint64N(1e9)})
		}
		f.Write(batch)
	}
	pages := pagesOf(b, f, prometheus.NewRegistry(), Health{})
	for name, path := range map[string]string{
		"fleet": "/", "all": "/lines", "search": "/lines?q=usb+7", "filtered": "/lines?list=near&plan=T3001307&sort=used&desc=1", "last": "/lines?sort=left&page=100", "file": "/lines.csv",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := pages.get(path); got.status != http.StatusOK {
					b.Fatalf("%s: %d", path, got.status)
				}
			}
		})
	}
}

// BenchmarkHashed100k is what hashed labels cost: the hashes, and a table that leads back from them.
func BenchmarkHashed100k(b *testing.B) {
	var heap uint64
	labels := labelsOf(b, linelabel.Hashed)
	for b.Loop() {
		_, heap = wholeFleet(labels)
	}
	b.ReportMetric(float64(heap)/1e6, "MB-heap")
}
