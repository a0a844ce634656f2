package fleet

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// step is one thing that happens to a fleet.
type step struct {
	wait        time.Duration // first
	skew        time.Duration // of the carrier's clock
	kind        int           // 0 traffic, 1 share, 2 session, 3 inventory, 4 log row
	line        int
	a, b        schema.Opt[uint64]
	restriction schema.Restriction
	active      bool
	together    bool // with the next step, in one batch
}

func drawSteps(t *rapid.T) []step {
	opt := rapid.Custom(func(t *rapid.T) schema.Opt[uint64] {
		return schema.Opt[uint64]{V: rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 3)).Draw(t, "v"), Known: rapid.IntRange(0, 3).Draw(t, "known") > 0}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			wait: time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute,
			skew: time.Duration(rapid.IntRange(-5, 5).Draw(t, "skew")) * time.Minute,
			kind: rapid.IntRange(0, 4).Draw(t, "kind"), line: rapid.IntRange(0, 2).Draw(t, "line"),
			a: opt.Draw(t, "a"), b: opt.Draw(t, "b"),
			restriction: rapid.SampledFrom(schema.Restrictions()).Draw(t, "restriction"),
			active:      rapid.Bool().Draw(t, "active"),
			together:    rapid.Bool().Draw(t, "together"),
		}
	}), 0, 40).Draw(t, "steps")
}

// TestModel: after any writes at any times, what is scraped is what a plain reading of the metrics' definitions says.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt)
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			f, m := New(staleConfig()), &fleetModel{last: map[string]observation{}, counts: map[string]float64{}}
			var b schema.Batch
			for i, s := range steps {
				time.Sleep(s.wait)
				b.Append(m.apply(s))
				if s.together && i < len(steps)-1 && steps[i+1].wait == 0 {
					continue
				}
				f.Write(b)
				b = schema.Batch{}
				if diff := cmp.Diff(m.series(), shown(t, f)); diff != "" {
					wrong = fmt.Sprintf("after step %d of %+v (-model +fleet):\n%s", i, steps, diff)
					return
				}
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// fleetModel is the fleet as one would write it without a thought for speed: the last answer of each kind on each line, and
// at each scrape a look at all of them.
type fleetModel struct {
	last   map[string]observation // by "line/job"
	counts map[string]float64
}

type observation struct {
	step               step
	observed, received time.Time
}

var modelJobs = []string{"traffic", "data_share", "session", "lines"} //nolint:gochecknoglobals // a constant

func (m *fleetModel) fresh(key string, job string) bool {
	was, known := m.last[key]
	return known && time.Since(was.received) <= staleConfig().StaleAfter("hq", job)
}

func (m *fleetModel) take(key, job string, s step) {
	now := observation{s, time.Now().Add(s.skew), time.Now()}
	if was, known := m.last[key]; !known || !m.fresh(key, job) || !now.observed.Before(was.observed) {
		m.last[key] = now
	}
}

// apply remembers a step, and makes the batch for a fleet.
func (m *fleetModel) apply(s step) (b schema.Batch) {
	line := fmt.Sprint(s.line)
	observed, received := time.Now().Add(s.skew), time.Now()
	if s.kind < len(modelJobs) {
		m.take(line+"/"+modelJobs[s.kind], modelJobs[s.kind], s)
	}
	switch s.kind {
	case 0, 1:
		scope := []schema.Scope{schema.ScopeLine, schema.ScopeDataShare}[s.kind]
		if s.kind == 1 {
			m.take("pool", "data_share", s)
		}
		b.Traffic = []schema.TrafficSample{{LineKey: fleettest.LineKey(line), Scope: scope, ObservedAt: observed, ReceivedAt: received,
			MonthBytes: s.a, TodayBytes: s.b, RemainingBytes: s.b, LimitStatus2: schema.Opt[uint8]{V: uint8(s.a.V), Known: s.a.Known}, Restriction: s.restriction}}
	case 2:
		b.Sessions = []schema.SessionSample{{LineKey: fleettest.LineKey(line), ObservedAt: observed, ReceivedAt: received, SessionType: schema.SessionRoaming,
			Connected: schema.Opt[bool]{V: s.active, Known: s.a.Known}}}
	case 3:
		state := schema.LineRemoved
		if s.active {
			state = schema.LineActive
		}
		b.Lines = []schema.Line{{LineKey: fleettest.LineKey(line), State: state, PlanCode: fmt.Sprint(s.a), ObservedAt: observed}}
	case 4:
		b.SessionEvents = []schema.SessionEvent{{LineKey: fleettest.LineKey(line), Event: schema.SessionStart, SessionType: schema.SessionDomestic}}
		m.counts["start"]++
	}
	return b
}

// series is the whole exposition that the fleet should give now.
func (m *fleetModel) series() fleettest.Series {
	all := make(fleettest.Series)
	for line := range 3 {
		m.lineSeries(fmt.Sprint(line), all)
	}
	if m.fresh("pool", "data_share") {
		last := m.last["pool"].step
		if last.b.Known {
			all[contractSeries("kaisen_data_share_remaining_bytes")] = float64(last.b.V)
		}
		if last.a.Known {
			all[contractSeries("kaisen_data_share_month_bytes")] = float64(last.a.V)
		}
		for _, restriction := range schema.Restrictions() {
			all[contractSeries("kaisen_data_share_restriction", "restriction", string(restriction))] = oneIf(restriction == last.restriction)
		}
	}
	if m.counts["start"] > 0 {
		for _, event := range []string{"start", "stop"} {
			for _, kind := range []string{"domestic", "roaming"} {
				all[contractSeries("kaisen_session_events_total", "event", event, "session_type", kind)] = 0
			}
		}
		all[contractSeries("kaisen_session_events_total", "event", "start", "session_type", "domestic")] = m.counts["start"]
	}
	return all
}

func (m *fleetModel) lineSeries(line string, all fleettest.Series) {
	listed, isListed := m.last[line+"/lines"]
	if isListed && !listed.step.active {
		return
	}
	put := func(name string, value float64, pairs ...string) {
		all[contractSeries(name, append([]string{"line_no", line}, pairs...)...)] = value
	}
	anyFresh := false
	for i, job := range modelJobs {
		key := line + "/" + job
		if !m.fresh(key, job) {
			continue
		}
		anyFresh = true
		last := m.last[key]
		if i < 3 {
			put("kaisen_line_observed_timestamp_seconds", float64(last.observed.UnixMilli())/1000, "job", job)
		}
		switch i {
		case 0, 1:
			trafficSeries(last.step, []string{"line", "data_share"}[i], i == 0 && m.noVolume(line), put)
		case 2:
			if last.step.a.Known {
				put("kaisen_line_session_connected", oneIf(last.step.active))
				put("kaisen_line_session_roaming", oneIf(last.step.active))
			}
		}
	}
	if isListed && anyFresh {
		put("kaisen_line_info", 1, "plan_code", fmt.Sprint(listed.step.a), "access", "", "sim_type", "", "device_name", "", "data_share", "none")
	}
}

// noVolume: nothing is left, and no active line of the plan, whose course is not known here, has a volume or is restricted.
func (m *fleetModel) noVolume(line string) bool {
	listed, isListed := m.last[line+"/lines"]
	remaining := m.last[line+"/traffic"].step.b
	if !isListed || !remaining.Known || remaining.V > 0 {
		return false
	}
	for other := range 3 {
		is, known := m.last[fmt.Sprint(other)+"/lines"]
		answer, told := m.last[fmt.Sprint(other)+"/traffic"]
		if known && told && is.step.active && is.step.a == listed.step.a && (answer.step.b.V > 0 || restricts(answer.step.restriction)) {
			return false
		}
	}
	return true
}

func trafficSeries(s step, scope string, noVolume bool, put func(string, float64, ...string)) {
	month, today, remaining := s.a, s.b, s.b
	if month.Known {
		put("kaisen_line_month_bytes", float64(month.V), "scope", scope)
		put("kaisen_line_limit_status", float64(uint8(month.V)), "scope", scope, "status", "2")
	}
	if today.Known {
		put("kaisen_line_today_bytes", float64(today.V), "scope", scope)
		put("kaisen_line_remaining_bytes", float64(remaining.V), "scope", scope)
	}
	if ratio := float64(remaining.V) / (float64(remaining.V) + float64(month.V)); month.Known && remaining.Known && !math.IsNaN(ratio) && !noVolume {
		put("kaisen_line_remaining_ratio", ratio, "scope", scope)
	}
	for _, restriction := range schema.Restrictions() {
		put("kaisen_line_restriction", oneIf(restriction == s.restriction), "scope", scope, "restriction", string(restriction))
	}
}
