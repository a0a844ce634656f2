package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
)

// truth writes what the carrier knows in the form in which the tables are read below.
type truth struct{ daily, monthly, authentications, events, lines, members []string }

func truthOf(sim *simulator.Carrier) truth {
	var t truth
	for l := range sim.Truth(simulator.TruthQuery{}) {
		if !l.Exists {
			continue
		}
		key := l.ContractID + "\t" + l.LineNo
		for _, traffic := range l.Traffic {
			for _, day := range traffic.Daily[:31] {
				t.daily = append(t.daily, fmt.Sprintf("%s\t%s\t%s\t%d", key, traffic.Scope, day.Date, day.Bytes))
			}
			for _, month := range traffic.Monthly[:3] {
				t.monthly = append(t.monthly, fmt.Sprintf("%s\t%s\t%s\t%d", key, traffic.Scope, month.Date, month.Bytes))
			}
		}
		for _, row := range l.Authentications {
			t.authentications = append(t.authentications, fmt.Sprintf("%s\t%d\t%s\t%s\t%d", key, row.Time.Unix(), row.SessionType, row.Result, row.Ordinal))
		}
		for _, row := range l.SessionEvents {
			t.events = append(t.events, fmt.Sprintf("%s\t%d\t%s\t%s\t%d", key, row.Time.Unix(), row.SessionType, row.Event, row.Ordinal))
		}
		t.list(l)
	}
	return t
}

// list adds what call 02 says of a line, and call 10.
func (t *truth) list(l simulator.LineTruth) {
	key := l.ContractID + "\t" + l.LineNo
	t.lines = append(t.lines, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", key, l.PlanCode, l.SIMNumber, l.IMEI, l.StartDate, l.RoamingIPAddress))
	if l.Share != nil {
		t.members = append(t.members, fmt.Sprintf("%s\t%s\t%s", key, l.Share.Status, l.Share.ReserveID))
	}
}

// The statements that read what truth writes. One without FINAL proves that nothing was even sent twice.
const (
	selectDaily           = "SELECT contract_id, line_no, scope, day, bytes FROM traffic_daily FINAL"
	selectMonthly         = "SELECT contract_id, line_no, scope, month, bytes FROM traffic_monthly FINAL"
	selectAuthentications = "SELECT contract_id, line_no, toUnixTimestamp(event_time), session_type, result, ordinal FROM authentications"
	selectSessionEvents   = "SELECT contract_id, line_no, toUnixTimestamp(event_time), session_type, event, ordinal FROM session_events"
	selectLines           = "SELECT contract_id, line_no, plan_code, sim_number, imei, start_date, roaming_ip_address FROM lines FINAL WHERE state = 'active'"
	selectMembers         = "SELECT contract_id, line_no, status, reserve_id FROM data_share_members FINAL WHERE member"
	selectSamples         = "SELECT contract_id, line_no, scope, toUnixTimestamp(observed_at), month_bytes, today_bytes, remaining_bytes, limit_status1, limit_status2, restriction FROM traffic_samples"
	selectSessions        = "SELECT contract_id, line_no, toUnixTimestamp(observed_at), session_type, connected, result_code FROM session_samples"
)

func (r *fixture) same(what, sql string, want []string) {
	r.t.Helper()
	if len(want) == 0 {
		r.t.Fatalf("%s: the truth is empty; the test would prove nothing", what)
	}
	if got := sorted(r.query(sql)); !slices.Equal(sorted(want), got) { // cmp takes long for thousands of rows
		r.t.Errorf("%s (-carrier +ClickHouse):\n%.4000s", what, cmp.Diff(want, got))
	}
}

// holdsTheTruth compares every table with the carrier, to the byte.
func (r *fixture) holdsTheTruth() {
	r.t.Helper()
	want := truthOf(r.sim)
	r.same("traffic_daily", selectDaily, want.daily)
	r.same("traffic_monthly", selectMonthly, want.monthly)
	r.same("authentications", selectAuthentications, want.authentications)
	r.same("session_events", selectSessionEvents, want.events)
	r.same("lines", selectLines, want.lines)
	r.same("data_share_members", selectMembers, want.members)
}

// heldWhatWasServed compares the samples with the answers that the carrier gave.
func (r *fixture) heldWhatWasServed() {
	r.t.Helper()
	served := r.sim.Served()
	var traffic, sessions []string
	for _, s := range r.servedTraffic() {
		traffic = append(traffic, fmt.Sprintf("%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%d\t%s", s.ContractID, s.LineNo, s.Scope, s.At.Unix(),
			null(s.MonthBytes), null(s.TodayBytes), null(s.RemainingBytes), null(s.LimitStatus1), s.LimitStatus2, s.Restriction))
	}
	for _, s := range served.Sessions {
		sessions = append(sessions, fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%d", s.ContractID, s.LineNo, s.At.Unix(), s.SessionType, null(s.Connected), s.ResultCode))
	}
	r.same("traffic_samples", selectSamples, traffic)
	r.same("session_samples", selectSessions, sessions)
}

// servedTraffic is the carrier's record of its answers about traffic, with what each member of a share group has of them:
// while all are told the same, a pair is asked, and the answer whose figures are further on, or more, counts for all.
func (r *fixture) servedTraffic() []simulator.ServedTraffic {
	r.t.Helper()
	members := map[string][]string{}
	for l := range r.sim.Truth(simulator.TruthQuery{Days: 1}) {
		if l.Share != nil && l.Share.Status != "reserved" {
			members[l.ContractID] = append(members[l.ContractID], l.LineNo)
		}
	}
	type group struct {
		contract string
		at       time.Time
	}
	all := r.sim.Served().Traffic
	best, asked := map[group]simulator.ServedTraffic{}, map[group]map[string]bool{}
	for _, s := range all {
		if g := (group{s.ContractID, s.At}); s.Scope == "data_share" {
			if other, known := best[g]; !known || !further(other, s) {
				best[g] = s
			}
			if asked[g] == nil {
				asked[g] = map[string]bool{}
			}
			asked[g][s.LineNo] = true
		}
	}
	for g, s := range best {
		for _, member := range members[g.contract] {
			if s.LineNo = member; !asked[g][member] {
				all = append(all, s)
			}
		}
	}
	return all
}

// further reports whether a's figures are further on than b's, or more.
func further(a, b simulator.ServedTraffic) bool {
	rank := func(s simulator.ServedTraffic) (today, known uint64) {
		if s.TodayBytes != nil {
			today = 1 + *s.TodayBytes
		}
		for _, figure := range []*uint64{s.MonthBytes, s.RemainingBytes} {
			if figure != nil {
				known++
			}
		}
		return today, known
	}
	todayOfA, knownOfA := rank(a)
	todayOfB, knownOfB := rank(b)
	return todayOfA > todayOfB || todayOfA == todayOfB && knownOfA > knownOfB
}

// count is how many rows a table has, repetitions that ClickHouse has not merged yet among them.
func (r *fixture) count(table string) (n int) {
	r.t.Helper()
	if _, err := fmt.Sscan(r.query("SELECT count() FROM " + table)[0], &n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

func TestASweepHoldsTheTruth(t *testing.T) {
	t.Parallel()
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		t.Run(string(style), func(t *testing.T) {
			r := newFixture(t, func(c *simulator.Config) { c.Style = style })
			r.sweep()
			r.holdsTheTruth()
			r.heldWhatWasServed()
			if n := r.query("SELECT count() FROM line_status"); n[0] != "30" {
				t.Errorf("line_status has %s rows, want 30", n[0])
			}
			days := r.count("traffic_daily")

			r.advance(time.Second) // so that the samples are others
			r.sweep()
			r.heldWhatWasServed()
			r.holdsTheTruth()
			if added := r.count("traffic_daily") - days; added > 35 {
				t.Errorf("the second sweep sent %d days; only today can have changed, of 30 lines and 5 members", added)
			}

			r.advance(50 * time.Hour) // two midnights later
			r.sweep()
			r.holdsLater()
		})
	}
}

// holdsLater compares the newest answers; the tables hold more by now.
func (r *fixture) holdsLater() {
	r.t.Helper()
	want := truthOf(r.sim)
	now := r.sim.Now()
	oldest := now.AddDate(0, 0, -30).Format(time.DateOnly)
	r.same("traffic_daily", selectDaily+" WHERE day >= '"+oldest+"'", want.daily)
	back := now.Add(-30*24*time.Hour + 3*time.Hour).Unix()
	r.same("authentications", selectAuthentications+fmt.Sprintf(" WHERE toUnixTimestamp(event_time) >= %d", back), after(want.authentications, back))
	r.same("session_events", selectSessionEvents+fmt.Sprintf(" WHERE toUnixTimestamp(event_time) >= %d", back), after(want.events, back))
}

// after keeps the log rows from a time on.
func after(rows []string, from int64) []string {
	var kept []string
	for _, row := range rows {
		var contract, line string
		var at int64
		if _, err := fmt.Sscan(row, &contract, &line, &at); err == nil && at >= from {
			kept = append(kept, row)
		}
	}
	return kept
}
