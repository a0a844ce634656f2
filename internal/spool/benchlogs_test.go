package spool

import (
	"fmt"
	"testing"
	"time"

	"kaisen/schema"
)

// BenchmarkWriteLogs is what a row of the session log takes where each reading brings ten, as of 1,000 lines every five minutes.
func BenchmarkWriteLogs(b *testing.B) {
	const readings, rows = 1000, 10
	var used int
	for b.Loop() {
		o := benchOutbox(b, DefaultConfig(), away{})
		for n := range readings {
			var batch schema.Batch
			at := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 5 * time.Minute)
			for i := range rows {
				batch.SessionEvents = append(batch.SessionEvents, schema.SessionEvent{
					LineKey:   schema.LineKey{Source: "hq", ContractID: "N000000001", LineNo: fmt.Sprintf("090%08d", (n*rows+i)*7919%1000)},
					EventTime: at.Add(time.Duration(i) * 29 * time.Second), SessionType: schema.SessionDomestic, Event: schema.SessionStart, ObservedAt: at.Add(5 * time.Minute)})
			}
			if err := o.Write(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		used = o.file.bytes()
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(used)/(readings*rows), "disk-bytes/row")
}
