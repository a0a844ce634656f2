package unom

import (
	"fmt"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/collectortest"
)

// Each of two kaisens says how many lines of a list are its own and how many the other's, and they say the same; what it says of
// its own is what it watches. A list that is not believed changes nothing.
func TestEachPartSaysWhoseTheListedLinesAre(t *testing.T) {
	const lines = 40
	var said []string
	for index := 1; index <= 2; index++ {
		reg := prometheus.NewRegistry()
		c := &fakeCarrier{lines: listed(lines)}
		deps := collectortest.Deps(&collectortest.Sink{}, reg)
		deps.Shard = collector.Shard{Index: index, Count: 2}
		u := New(collector.Account{Source: "hq", Zone: tokyo, Workers: 4, Jobs: Kind().DefaultJobs(), Settings: &Settings{Contracts: []string{contract}}},
			nil, c, newGauges(reg), deps)
		if got := collectortest.Gauges(t, reg, "kaisen_contract_lines"); len(got) > 0 {
			t.Errorf("before there is a list: %q", got)
		}
		sweepOnce(t, u, JobLines)
		own := 0
		for i := range lines {
			if deps.Shard.Owns(lineNo(i)) {
				own++
			}
		}
		got := collectortest.Gauges(t, reg, "kaisen_contract_lines")
		if want := fmt.Sprintf("kaisen_contract_lines contract_id=%s shard=%d shards=2 source=hq %d", contract, index, own); !slices.Contains(got, want) {
			t.Errorf("shard %d: %q lack %q", index, got, want)
		}
		if watched := len(u.fleet.all((*line).active)); watched != own {
			t.Errorf("shard %d watches %d lines, and %d are its own", index, watched, own)
		}
		if c.lines = nil; said == nil {
			said = got
		}
		if _, err := u.SweepOnce(t.Context(), JobLines, false); err != nil {
			t.Fatal(err)
		}
		if after := collectortest.Gauges(t, reg, "kaisen_contract_lines"); !slices.Equal(after, got) || !slices.Equal(got, said) || len(got) != 2 {
			t.Errorf("shard %d says %q, and after an empty list %q; the other said %q", index, got, after, said)
		}
	}
}
