package spool

import (
	"slices"

	"kaisen/schema"
)

const (
	trafficSamples = "traffic_samples"
	sessionSamples = "session_samples"
)

// downsampledTables are the tables whose rows may be given up when the spool is full: what the next answer brings anew.
func downsampledTables() []string { return []string{trafficSamples, sessionSamples} }

// series identifies the samples that belong together: of each, every second one may go.
type series struct {
	table string
	line  schema.LineKey
	scope schema.Scope
}

// downsampler goes through the samples in their order and gives up every second one of a line.
type downsampler struct {
	newest map[series]int64 // Unix nanoseconds, of the samples seen so far
	kept   map[series]bool  // the sample before was kept in this round
}

func newDownsampler() downsampler {
	return downsampler{newest: map[series]int64{}, kept: map[series]bool{}}
}

// restart begins a new round. The first sample of each line stays.
func (t *downsampler) restart() { clear(t.kept) }

// pass goes through a batch, takes out what may go if it is to give up anything, and adds to gone how much that is by table.
// Other rows than samples it leaves alone.
func (t *downsampler) pass(b *schema.Batch, giveUp bool, gone map[string]int) {
	b.Traffic = slices.DeleteFunc(b.Traffic, func(row schema.TrafficSample) bool {
		return t.goes(series{trafficSamples, row.LineKey, row.Scope}, row.ObservedAt.UnixNano(), giveUp, gone)
	})
	b.Sessions = slices.DeleteFunc(b.Sessions, func(row schema.SessionSample) bool {
		return t.goes(series{table: sessionSamples, line: row.LineKey}, row.ObservedAt.UnixNano(), giveUp, gone)
	})
}

// goes reports whether a sample is a second one and to be given up. A line's newest never is: it says how the line is.
func (t *downsampler) goes(of series, at int64, giveUp bool, gone map[string]int) bool {
	if at >= t.newest[of] {
		t.newest[of] = at
		return false
	}
	if !giveUp {
		return false
	}
	t.kept[of] = !t.kept[of]
	if !t.kept[of] {
		gone[of.table]++
	}
	return !t.kept[of]
}
