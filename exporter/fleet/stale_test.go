package fleet

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// staleConfig gives each job its own limit.
func staleConfig() Config {
	limits := map[string]time.Duration{
		"hq/traffic": 45 * time.Minute, "hq/data_share": 30 * time.Minute, "hq/session": 15 * time.Minute, "hq/lines": 3 * time.Hour,
		"branch/traffic": time.Minute, // the rest: 0, for ever
	}
	return Config{MaxLines: 100, StaleAfter: func(source, job string) time.Duration { return limits[source+"/"+job] }}
}

// TestStaleness: each job's series stop after its own time, to the millisecond, though nothing else happens; and the
// labels of the inventory with the last of them.
func TestStaleness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		share := fleettest.Answer("1", schema.ScopeDataShare)
		share.Restriction = schema.RestrictionNone
		f.Write(schema.Batch{
			Traffic: []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine), share},
			Sessions: []schema.SessionSample{{LineKey: fleettest.LineKey("1"), ObservedAt: time.Now(), ReceivedAt: time.Now(),
				SessionType: schema.SessionDomestic, Connected: schema.Some(true)}},
			Lines:   []schema.Line{fleettest.Inventory("1", schema.LineActive)},
			Members: []schema.DataShareMember{{LineKey: fleettest.LineKey("1"), Status: schema.ShareRegistered, Member: true, ObservedAt: time.Now()}},
		})
		const line = "line_info line_limit_status line_month_bytes line_observed_timestamp_seconds line_remaining_bytes line_remaining_ratio line_restriction"
		const session, pool, today = " line_session_connected line_session_roaming", "data_share_members data_share_month_bytes data_share_remaining_bytes data_share_restriction ", " line_today_bytes"
		start := time.Now()
		for _, step := range []struct {
			at     time.Duration
			want   string
			series int
		}{
			{0, pool + line + session + today, 12 + 12 + 3 + 1 + 8},
			{15 * time.Minute, pool + line + session + today, 36},
			{15*time.Minute + time.Millisecond, pool + line + today, 33},
			{30*time.Minute + time.Millisecond, line + today, 13},
			{4*time.Hour + 45*time.Minute, line + today, 13}, // a member is asked for its own every four hours
			{4*time.Hour + 45*time.Minute + time.Millisecond, "", 0},
		} {
			time.Sleep(time.Until(start.Add(step.at)))
			got := shown(t, f)
			if diff := cmp.Diff(step.want, got.Names()); diff != "" || len(got) != step.series {
				t.Errorf("after %s: %d series, want %d; families (-want +got):\n%s", step.at, len(got), step.series, diff)
			}
		}
	})
}

// TestStalenessByReceipt: how old an answer is, kaisen's own clock decides, since the carrier's may be years off.
func TestStalenessByReceipt(t *testing.T) {
	for _, off := range []time.Duration{-100 * 24 * time.Hour, 100 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			f := New(staleConfig())
			sample := fleettest.Answer("1", schema.ScopeLine)
			sample.ObservedAt = sample.ObservedAt.Add(off)
			f.Write(fleettest.Traffic(sample))
			if got := len(shown(t, f)); got != 12 {
				t.Errorf("carrier's clock off by %s: %d series, want 12", off, got)
			}
			time.Sleep(45*time.Minute + time.Millisecond)
			if got := shown(t, f); len(got) != 0 {
				t.Errorf("carrier's clock off by %s: still shown: %v", off, got)
			}
		})
	}
}

// TestStalenessBySource: each source has its own limits, and 0 is for ever.
func TestStalenessBySource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		line, share := fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("1", schema.ScopeDataShare)
		line.Source, share.Source = "branch", "branch"
		f.Write(fleettest.Traffic(line, share))
		time.Sleep(1000 * time.Hour)
		if got, want := len(shown(t, f)), 19; got != want {
			t.Errorf("%d series, want the %d of the job without a limit", got, want)
		}
	})
}

// TestDataAtMostASecondOld, with Run and without.
func TestDataAtMostASecondOld(t *testing.T) {
	for _, running := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := New(DefaultConfig())
			if running {
				go f.exposition.Run(t.Context()) //nolint:errcheck // it has none
			}
			for n := range 20 {
				sample := fleettest.Answer("1", schema.ScopeLine)
				sample.TodayBytes = schema.Some(uint64(n))
				f.Write(fleettest.Traffic(sample))
				time.Sleep(time.Second + time.Duration(n)*37*time.Millisecond)
				got := scrapeNow(t, f).Of("kaisen_line_today_bytes")
				for key, value := range got {
					if value != float64(n) {
						t.Errorf("running %t: %s is %v a second after it became %d", running, key, value, n)
					}
				}
				if len(got) != 1 {
					t.Errorf("running %t: %d series, want 1", running, len(got))
				}
			}
		})
	}
}

// TestUnlistedLineIsForgotten once there are no answers on it, and its place is free.
func TestUnlistedLineIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory("2", schema.LineActive)}})
		f.exposition.Render()
		time.Sleep(4 * time.Hour)
		f.exposition.Render()
		if used, known := f.lines.Used(), len(f.contracts[contractKey{"hq", "N123456789"}].lines); used != 1 || known != 1 {
			t.Errorf("%d exported, %d known, want the listed line alone", used, known)
		}
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		if got := len(shown(t, f)); got != 12 {
			t.Errorf("%d series when it is back, want 12", got)
		}
	})
}
