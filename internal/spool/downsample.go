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

// dropped counts the rows that were given up.
type dropped struct{ traffic, sessions int }

func newDownsampler() downsampler {
	return downsampler{newest: map[series]int64{}, kept: map[series]bool{}}
}

// observe looks at a batch and gives nothing up.
func (t *downsampler) observe(b *schema.Batch) {
	for i := range b.Traffic {
		t.isNewest(seriesOfTraffic(&b.Traffic[i]), b.Traffic[i].ObservedAt.UnixNano())
	}
	for i := range b.Sessions {
		t.isNewest(seriesOfSession(&b.Sessions[i]), b.Sessions[i].ObservedAt.UnixNano())
	}
}

// restart begins a new round. The first sample of each line stays.
func (t *downsampler) restart() { clear(t.kept) }

// downsample takes out what may go, and returns how much that is. Other rows than samples it leaves alone.
func (t *downsampler) downsample(b *schema.Batch) dropped {
	before := dropped{len(b.Traffic), len(b.Sessions)}
	b.Traffic = slices.DeleteFunc(b.Traffic, func(row schema.TrafficSample) bool {
		return t.mayGo(seriesOfTraffic(&row), row.ObservedAt.UnixNano())
	})
	b.Sessions = slices.DeleteFunc(b.Sessions, func(row schema.SessionSample) bool {
		return t.mayGo(seriesOfSession(&row), row.ObservedAt.UnixNano())
	})
	return dropped{before.traffic - len(b.Traffic), before.sessions - len(b.Sessions)}
}

func seriesOfTraffic(row *schema.TrafficSample) series {
	return series{trafficSamples, row.LineKey, row.Scope}
}

func seriesOfSession(row *schema.SessionSample) series {
	return series{table: sessionSamples, line: row.LineKey}
}

// mayGo reports whether a sample is a second one. A line's newest never is: it says how the line is.
func (t *downsampler) mayGo(of series, at int64) bool {
	if t.isNewest(of, at) {
		return false
	}
	t.kept[of] = !t.kept[of]
	return !t.kept[of]
}

// isNewest reports whether no later sample is known, and remembers this one then.
func (t *downsampler) isNewest(of series, at int64) bool {
	if at < t.newest[of] {
		return false
	}
	t.newest[of] = at
	return true
}
