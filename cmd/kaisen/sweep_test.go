package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"kaisen/schema"
)

// A job that rests is shown as one that rests, and not by how long it took.
func TestSummaryTellsWhatRests(t *testing.T) {
	start := time.Date(2026, 5, 23, 11, 0, 0, 0, time.UTC)
	opens := time.Date(2026, 5, 25, 9, 0, 0, 0, time.FixedZone("JST", 9*3600))
	var out bytes.Buffer
	cmd := new(cobra.Command)
	cmd.SetOut(&out)
	summarize(cmd, []schema.Sweep{
		{Source: "hq", Job: "service_orders", StartedAt: start, FinishedAt: start.Add(1500 * time.Millisecond), OK: 9},
		{Source: "hq", Job: "service_order_details", StartedAt: start, FinishedAt: start, RestsUntil: schema.Some(opens)},
	})
	for _, want := range []string{"1.5s", "rests until Mon 2026-05-25 09:00 JST"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
