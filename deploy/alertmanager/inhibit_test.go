package alertmanager

import (
	"fmt"
	"testing"
	"time"
)

// TestInhibitions asks a real Alertmanager about pairs of alerts, each pair with a source and a contract of its own:
// whether the first silences the second.
func TestInhibitions(t *testing.T) {
	const line1, line2 = " source=hq contract_id=N1 line_no=1", " source=hq contract_id=N1 line_no=2"
	cases := []struct {
		first, second string
		silenced      bool
	}{
		{"alertname=KaisenLineNearCap severity=critical" + line1, "alertname=KaisenLineNearCap severity=warning" + line1, true},
		{"alertname=KaisenLineNearCap severity=critical" + line1, "alertname=KaisenLineNearCap severity=warning" + line2, false},
		{"alertname=KaisenLineWillRunOut severity=warning" + line1, "alertname=KaisenLineWillRunOut severity=info" + line1, true},
		{"alertname=KaisenLineRestrictedMonthly severity=critical" + line1, "alertname=KaisenLineNearCap severity=critical" + line1, true},
		{"alertname=KaisenLineRestrictedMonthly severity=critical" + line1, "alertname=KaisenLineNearCap severity=critical" + line2, false},
		{"alertname=KaisenLineRestrictedMonthly severity=critical" + line1, "alertname=KaisenLineWillRunOut severity=warning" + line1, true},
		{"alertname=KaisenLineRestrictedRecent severity=warning" + line1, "alertname=KaisenLineNearCap severity=warning" + line1, true},
		{"alertname=KaisenLineNearCap severity=warning" + line1, "alertname=KaisenLineWillRunOut severity=warning" + line1, true},
		{"alertname=KaisenPoolRestrictedMonthly severity=critical source=hq contract_id=N1", "alertname=KaisenPoolNearCap severity=critical source=hq contract_id=N1", true},
		{"alertname=KaisenPoolRestrictedMonthly severity=critical source=hq contract_id=N1", "alertname=KaisenPoolWillRunOut severity=warning source=hq contract_id=N1", true},
		{"alertname=KaisenPoolRestrictedMonthly severity=critical source=hq contract_id=N1", "alertname=KaisenPoolMemberNearCap severity=warning" + line1, true},
		{"alertname=KaisenPoolNearCap severity=warning source=hq contract_id=N1", "alertname=KaisenPoolMemberNearCap severity=warning" + line1, false}, // told to whoever set it
		{"alertname=KaisenPoolNearCap severity=warning source=hq contract_id=N1", "alertname=KaisenPoolWillRunOut severity=warning source=hq contract_id=N1", true},
		{"alertname=KaisenPoolNearCap severity=warning source=hq contract_id=N1", "alertname=KaisenLineWillRunOut severity=warning" + line1, false},
		{"alertname=KaisenPoolRestrictedMonthly severity=critical source=hq contract_id=N1", "alertname=KaisenLineRestrictedMonthly severity=critical" + line1, false},
		{"alertname=KaisenPoolNearCap severity=critical source=hq contract_id=N1", "alertname=KaisenPoolTopTalker severity=warning" + line1, false},
		{"alertname=KaisenLineRoamingHeavyUse severity=critical" + line1, "alertname=KaisenLineRoaming severity=info" + line1, true},
		{"alertname=KaisenAbsent severity=critical area=kaisen source=hq", "alertname=KaisenLineRestrictedMonthly severity=critical area=line" + line1, true},
		{"alertname=KaisenAbsent severity=critical area=kaisen source=hq", "alertname=KaisenPoolNearCap severity=critical area=pool source=hq contract_id=N1", true},
		{"alertname=KaisenAbsent severity=critical area=kaisen source=other", "alertname=KaisenLineRestrictedMonthly severity=critical area=line" + line1, false},
		{"alertname=KaisenAbsent severity=critical area=kaisen source=hq", "alertname=KaisenDataStale severity=warning area=kaisen source=hq contract_id=N1", true},
		{"alertname=KaisenAbsent severity=critical area=kaisen source=hq", "alertname=KaisenSpoolFull severity=critical area=kaisen instance=a", false},
		{"alertname=KaisenTokenFailing severity=critical source=hq", "alertname=KaisenSweepBehind severity=warning source=hq job=traffic", true},
		{"alertname=KaisenTokenFailing severity=critical source=hq", "alertname=KaisenSweepBehind severity=warning source=other job=traffic", false},
		{"alertname=KaisenCarrierFailing severity=critical source=hq", "alertname=KaisenThrottled severity=warning source=hq", true},
		{"alertname=KaisenCarrierFailing severity=critical source=hq", "alertname=KaisenLineRestrictedMonthly severity=critical area=line" + line1, true},
		{"alertname=KaisenCarrierFailing severity=critical source=other", "alertname=KaisenLineRestrictedMonthly severity=critical area=line" + line1, false},
		{"alertname=KaisenTokenFailing severity=critical source=hq", "alertname=KaisenPoolNearCap severity=critical area=pool source=hq contract_id=N1", true},
		{"alertname=KaisenDataStale severity=critical source=hq contract_id=N1", "alertname=KaisenLineNearCap severity=critical area=line" + line1, true},
		{"alertname=KaisenDataStale severity=warning source=hq contract_id=N1", "alertname=KaisenLineNearCap severity=critical area=line" + line1, false},
		{"alertname=KaisenDataStale severity=critical source=hq contract_id=N2", "alertname=KaisenLineNearCap severity=critical area=line" + line1, false},
		{"alertname=KaisenLineStorm of=KaisenLineNearCap severity=critical source=hq contract_id=N1", "alertname=KaisenLineNearCap severity=critical" + line1, true},
		{"alertname=KaisenLineStorm of=KaisenLineNearCap severity=warning source=hq contract_id=N1", "alertname=KaisenLineNearCap severity=critical" + line1, false},
		{"alertname=KaisenLineStorm of=KaisenLineNearCap severity=critical source=hq contract_id=N1", "alertname=KaisenLineRestrictedMonthly severity=critical" + line1, false},
		{"alertname=KaisenLinesOffline severity=critical source=hq contract_id=N1", "alertname=KaisenLineDroppedOff severity=warning" + line1, true},
		{"alertname=KaisenLinesOffline severity=critical source=hq contract_id=N1", "alertname=KaisenLineStorm of=KaisenLineDroppedOff severity=warning source=hq contract_id=N1", true},
		{"alertname=KaisenLinesOffline severity=critical source=hq contract_id=N1", "alertname=KaisenLineStorm of=KaisenLineNearCap severity=critical source=hq contract_id=N1", false},
		{"alertname=KaisenClickHouseFailing severity=warning instance=a", "alertname=KaisenSpoolGrowing severity=warning instance=a", true},
		{"alertname=KaisenClickHouseFailing severity=warning instance=a", "alertname=KaisenSpoolGrowing severity=critical instance=a", false},
		{"alertname=KaisenSpoolFull severity=critical instance=a", "alertname=KaisenSpoolGrowing severity=critical instance=a", true},
		{"alertname=KaisenAbsent severity=critical area=kaisen", "alertname=Watchdog severity=none area=watchdog", false},
		{"alertname=Watchdog severity=none area=watchdog", "alertname=KaisenLineNearCap severity=warning" + line1, false},
		{"alertname=KaisenShardsDisagree severity=critical source=hq", "alertname=KaisenShardMissing severity=critical source=hq shard=1 shards=3", true},
		{"alertname=KaisenShardTwice severity=warning source=hq shard=1 shards=2", "alertname=KaisenShardMissing severity=critical source=hq shard=2 shards=2", false},
		{"alertname=KaisenAbsent severity=critical source=hq", "alertname=KaisenShardMissing severity=critical source=hq shard=2 shards=2", true},
		{"alertname=KaisenCarrierFailing severity=critical source=hq", "alertname=KaisenShardMissing severity=critical source=hq shard=2 shards=2", false},
		{"alertname=KaisenCarrierFailing severity=critical source=hq", "alertname=KaisenLinesUnwatched severity=critical source=hq contract_id=N1", true},
		{"alertname=KaisenShardMissing severity=critical source=hq shard=2 shards=2", "alertname=KaisenLineNearCap severity=critical" + line1, false},
		{"alertname=KaisenDeadLetters severity=warning source=hq operation=traffic", "alertname=KaisenLineNearCap severity=warning" + line1, false},
	}
	s := start(t)
	want := map[string]string{}
	var alerts []map[string]string
	for i, c := range cases {
		for place, text := range []string{c.first, c.second} {
			labels := parse(text)
			for _, name := range []string{"source", "contract_id", "instance"} {
				if labels[name] != "" {
					labels[name] = fmt.Sprintf("%s-%d", labels[name], i)
				}
			}
			labels["case"] = fmt.Sprintf("%d.%d", i, place+1)
			alerts = append(alerts, labels)
			want[labels["case"]] = "active"
		}
		if c.silenced {
			want[fmt.Sprintf("%d.2", i)] = "suppressed"
		}
	}
	s.fire(alerts...)
	var got map[string]string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if got = s.states(); agree(got, want) {
			return
		}
	}
	for i, c := range cases {
		for place, text := range []string{c.first, c.second} {
			if name := fmt.Sprintf("%d.%d", i, place+1); got[name] != want[name] {
				t.Errorf("%s is %s, want %s (with %s)", text, got[name], want[name], c.first)
			}
		}
	}
}

func agree(got, want map[string]string) bool {
	for name, state := range want {
		if got[name] != state {
			return false
		}
	}
	return true
}
