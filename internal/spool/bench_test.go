package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc/pool"

	"kaisen/schema"
)

const benchWriters = 8

// answer is what one traffic answer of a line brings, after the first: the sample, the day and the month.
func answer(line, poll int) schema.Batch {
	key := schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N%09d", line/1000), LineNo: fmt.Sprintf("090%08d", line)}
	at := time.Date(2026, 5, 20, 0, 0, line/50, 0, time.UTC).Add(time.Duration(poll) * 15 * time.Minute)
	month, today := uint64(line*7919+poll*1234567), uint64(poll*1234567)
	return schema.Batch{
		Traffic: []schema.TrafficSample{{LineKey: key, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at.Add(123456789),
			MonthBytes: schema.Some(month), TodayBytes: schema.Some(today), RemainingBytes: schema.Some(7_516_192_768 - month%7_000_000_000),
			LimitStatus1: schema.Some(uint8(0)), LimitStatus2: schema.Some(uint8(0)), Restriction: schema.RestrictionNone}},
		Daily:   []schema.TrafficDaily{{LineKey: key, Scope: schema.ScopeLine, Day: schema.DateOf(at), Bytes: today, ObservedAt: at}},
		Monthly: []schema.TrafficMonthly{{LineKey: key, Scope: schema.ScopeLine, Month: schema.DateOf(at).Month(), Bytes: month, ObservedAt: at}},
	}
}

// discard is a store that takes everything.
type discard struct{}

func (discard) Insert(context.Context, *schema.Batch) error { return nil }

// away is a store that takes nothing.
type away struct{}

func (away) Insert(context.Context, *schema.Batch) error { return errors.New("away") }

func benchOutbox(b *testing.B, cfg Config, store Store) *Outbox {
	cfg.Dir = b.TempDir()
	o := New(cfg, store, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err := o.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = o.Close() })
	return o
}

// BenchmarkWrite has 8 writers wait for the disk with each traffic answer, and compares that with a loop which appends
// the same records to a file and syncs it after each 8. The target is at most 1.5.
func BenchmarkWrite(b *testing.B) {
	const answers = 4000
	var bare, spool time.Duration
	var used, records int
	for b.Loop() {
		bare += appendRecords(b, answers)
		o := benchOutbox(b, DefaultConfig(), away{})
		started := time.Now()
		writeAnswers(b, o, answers)
		spool += time.Since(started)
		used = o.file.bytes()
		records = o.waiting.bytes
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
	per := float64(answers * b.N)
	b.ReportMetric(float64(bare.Nanoseconds())/per, "bare-ns/answer")
	b.ReportMetric(float64(spool.Nanoseconds())/per, "ns/answer")
	b.ReportMetric(float64(spool)/float64(bare), "x-bare")
	b.ReportMetric(float64(used)/answers, "disk-bytes/answer")
	b.ReportMetric(float64(records)/answers, "record-bytes/answer")
}

func writeAnswers(b *testing.B, o *Outbox, n int) {
	writers := pool.New().WithErrors()
	for w := range benchWriters {
		writers.Go(func() error {
			for i := w; i < n; i += benchWriters {
				if err := o.Write(b.Context(), answer(i%1000, i/1000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := writers.Wait(); err != nil {
		b.Fatal(err)
	}
}

// appendRecords is the least that making n answers durable can take.
func appendRecords(b *testing.B, n int) time.Duration {
	c := newCodec()
	file, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	started := time.Now()
	for i := 0; i < n; i += benchWriters {
		for j := range benchWriters {
			batch := answer((i+j)%1000, (i+j)/1000)
			record := recordOf(c, started, &batch)
			if _, err := file.Write(record); err != nil {
				b.Fatal(err)
			}
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(started)
}

// BenchmarkRecord is the processor's part of one traffic answer: into a record, and back.
func BenchmarkRecord(b *testing.B) {
	c := newCodec()
	batch := answer(1, 1)
	record := recordOf(c, time.Now(), &batch)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			recordOf(c, time.Now(), &batch)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.decode(record); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDelivery is the way of 20,000 traffic answers from the spool to a store that takes them at once.
func BenchmarkDelivery(b *testing.B) {
	const answers = 20_000
	var took time.Duration
	for b.Loop() {
		o := benchOutbox(b, DefaultConfig(), discard{})
		writeAnswers(b, o, answers)
		ctx, stop := context.WithCancel(b.Context())
		started := time.Now()
		stop()
		if err := o.Run(ctx); err != nil {
			b.Fatal(err)
		}
		took += time.Since(started)
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(answers*b.N), "ns/answer")
}
