package spool

import (
	"slices"

	"kaisen/schema"
)

const (
	trafficSamples = "traffic_samples"
	sessionSamples = "session_samples"
)

// thinnedTables are the tables whose rows may be given up when the spool is full: what the next answer tells anew.
func thinnedTables() []string { return []string{trafficSamples, sessionSamples} }

// series tells whose samples belong together: of each, every second one may go.
type series struct {
	table string
	line  schema.LineKey
	scope schema.Scope
}

// thinner goes through the samples in their order and gives up every second one of a line.
type thinner struct {
	newest map[series]int64 // Unix nanoseconds, of the samples seen so far
	kept   map[series]bool  // the sample before was kept in this round
}

// given counts the rows that were given up.
type given struct{ traffic, sessions int }

func newThinner() thinner { return thinner{newest: map[series]int64{}, kept: map[series]bool{}} }

// learn looks at a batch and gives nothing up.
func (t *thinner) learn(b *schema.Batch) {
	for i := range b.Traffic {
		t.isNewest(seriesOfTraffic(&b.Traffic[i]), b.Traffic[i].ObservedAt.UnixNano())
	}
	for i := range b.Sessions {
		t.isNewest(seriesOfSession(&b.Sessions[i]), b.Sessions[i].ObservedAt.UnixNano())
	}
}

// restart begins a new round. The first sample of each line stays.
func (t *thinner) restart() { clear(t.kept) }

// thin takes out what may go, and tells how much that is. Other rows than samples it leaves alone.
func (t *thinner) thin(b *schema.Batch) given {
	before := given{len(b.Traffic), len(b.Sessions)}
	b.Traffic = slices.DeleteFunc(b.Traffic, func(row schema.TrafficSample) bool {
		return t.mayGo(seriesOfTraffic(&row), row.ObservedAt.UnixNano())
	})
	b.Sessions = slices.DeleteFunc(b.Sessions, func(row schema.SessionSample) bool {
		return t.mayGo(seriesOfSession(&row), row.ObservedAt.UnixNano())
	})
	return given{before.traffic - len(b.Traffic), before.sessions - len(b.Sessions)}
}

func seriesOfTraffic(row *schema.TrafficSample) series {
	return series{trafficSamples, row.LineKey, row.Scope}
}

func seriesOfSession(row *schema.SessionSample) series {
	return series{table: sessionSamples, line: row.LineKey}
}

// mayGo reports whether a sample is a second one. A line's newest never is: it tells how the line is.
func (t *thinner) mayGo(of series, at int64) bool {
	if t.isNewest(of, at) {
		return false
	}
	t.kept[of] = !t.kept[of]
	return !t.kept[of]
}

// isNewest reports whether no later sample is known, and remembers this one then.
func (t *thinner) isNewest(of series, at int64) bool {
	if at < t.newest[of] {
		return false
	}
	t.newest[of] = at
	return true
}
