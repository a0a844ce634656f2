package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// connectionsByHand are lines with what call 26 and the session log have told of them by a time, at random; the contract's log is
// believed or not.
func connectionsByHand(contract string, believed bool, read time.Time, lines int, random *rand.Rand) (b schema.Batch) {
	key := func(i int) schema.LineKey {
		return schema.LineKey{Source: "hq", ContractID: contract, LineNo: fmt.Sprintf("090%08d", i)}
	}
	value := "call_26"
	if believed {
		value = "log"
	}
	b.Findings = []schema.CarrierFinding{{Source: "hq", ContractID: contract, Operation: "session", Reading: "session_state", Value: value, ObservedAt: read}}
	b.Watermarks = []schema.LogWatermark{{Source: "hq", ContractID: contract, Log: "session_events", Watermark: read, ObservedAt: read}}
	sessions := []schema.SessionType{schema.SessionDomestic, schema.SessionDomestic, schema.SessionDomestic, schema.SessionRoaming, schema.SessionRoaming, schema.SessionUnknown}
	events := []schema.SessionEventKind{schema.SessionStart, schema.SessionStart, schema.SessionStart, schema.SessionStop, schema.SessionStop, schema.SessionStop, schema.SessionEventUnknown}
	for i := range lines {
		b.Lines = append(b.Lines, schema.Line{LineKey: key(i), State: schema.LineActive, Origin: schema.OriginList, FirstSeen: read, LastSeen: read, ObservedAt: read})
		answered := read.Add(time.Duration(random.IntN(3)-2) * 20 * time.Hour).Add(-time.Duration(random.IntN(1800)) * time.Second)
		if random.IntN(10) > 0 {
			sample := schema.SessionSample{LineKey: key(i), ObservedAt: answered, ReceivedAt: answered, SessionType: sessions[random.IntN(len(sessions))]}
			if random.IntN(10) > 0 {
				sample.Connected = schema.Some(random.IntN(2) == 0)
			}
			b.Sessions = append(b.Sessions, sample)
		}
		for range random.IntN(4) {
			at := answered.Add(time.Duration(random.IntN(5)-2) * 20 * time.Second).Truncate(time.Second) // in and out of the minute, some of one second
			if random.IntN(2) == 0 {
				at = at.Add(time.Duration(random.IntN(600)) * time.Second)
			}
			row := schema.SessionEvent{LineKey: key(i), EventTime: at, SessionType: sessions[random.IntN(len(sessions))],
				Event: events[random.IntN(len(events))], ObservedAt: at}
			if !slices.Contains(b.SessionEvents, row) {
				b.SessionEvents = append(b.SessionEvents, row)
			}
		}
	}
	return b
}

// connectionsInGo is what view line_connections has of those rows, by schema.Trace.
func connectionsInGo(b *schema.Batch) (rows []string) {
	traces := map[schema.LineKey]*schema.Trace{}
	for _, row := range b.SessionEvents {
		if traces[row.LineKey] == nil {
			traces[row.LineKey] = new(schema.Trace)
		}
		traces[row.LineKey].Add(row.SessionType, row.Event, row.EventTime)
	}
	for _, s := range b.Sessions {
		connected, at, by := `\N`, s.ObservedAt, "call_26"
		if s.Connected.Known {
			connected = fmt.Sprint(s.Connected.V)
		}
		trace := traces[s.LineKey]
		if trace == nil {
			trace = new(schema.Trace)
		}
		read, roaming := b.Watermarks[0].Watermark, ""
		if was, known := s.Connection(); known && b.Findings[0].Value == "log" {
			if is, told := trace.Since(was, s.ObservedAt, read); told {
				connected, at, by = fmt.Sprint(is.Connected), read, "log"
				if is.Connected {
					roaming = fmt.Sprint(is.Roaming)
				}
			}
		}
		if by == "call_26" && s.Connected.V {
			roaming = fmt.Sprint(s.SessionType == schema.SessionRoaming)
		}
		rows = append(rows, strings.Join([]string{s.ContractID, s.LineNo, connected, roaming, at.UTC().Format("2006-01-02 15:04:05"), by}, " "))
	}
	return rows
}

// The view says of each line what the gauges do: both by the definition of schema.Trace, of 1,500 lines at random.
func TestConnectionsAreThoseOfTheGauges(t *testing.T) {
	db := migrated(t)
	read := time.Now().UTC().Truncate(time.Second).Add(-time.Minute)
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	for contract, believed := range map[string]bool{"N000000001": true, "N000000002": false, "N000000003": true} {
		b := connectionsByHand(contract, believed, read, 500, random)
		if err := db.Insert(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		want = append(want, connectionsInGo(&b)...)
	}
	const roaming = `if(ifNull(connected, false), if(session_type = 'roaming', 'true', 'false'), '')`
	for _, sql := range []string{
		"SELECT contract_id, line_no, connected, " + roaming + " AS roaming, formatDateTime(observed_at, '%F %T', 'UTC') AS at, told_by FROM line_connections",
		"SELECT s.contract_id, s.line_no, s.connected, " + roaming + ", formatDateTime(session_observed_at, '%F %T', 'UTC'), c.told_by FROM line_status AS s " +
			"INNER JOIN line_connections AS c ON c.contract_id = s.contract_id AND c.line_no = s.line_no",
	} {
		got := strings.Split(strings.TrimSpace(strings.ReplaceAll(query(t, db, sql), "\t", " ")), "\n")
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-gauges +view):\n%s", sql, diff)
		}
	}
	told := strings.TrimSpace(query(t, db, "SELECT countIf(told_by = 'log') > 100, countIf(told_by = 'call_26' AND contract_id != 'N000000002') > 100 FROM line_connections"))
	if told != "1\t1" && told != "true\ttrue" {
		t.Errorf("the log tells of too few lines, or of too many, for this to show anything: %q", told)
	}
}

// A state has of the session log each line's last rows at home and abroad, however long before the overlap, up to where an answer of
// call 26 holds; and nothing twice.
func TestStateHasTheLastEventsOfEachLine(t *testing.T) {
	db := migrated(t)
	read := time.Now().UTC().Truncate(time.Second)
	key := schema.LineKey{Source: "hq", ContractID: "N000000001", LineNo: "09000000001"}
	event := func(ago time.Duration, session schema.SessionType, kind schema.SessionEventKind) schema.SessionEvent {
		return schema.SessionEvent{LineKey: key, EventTime: read.Add(-ago), SessionType: session, Event: kind, ObservedAt: read}
	}
	last := []schema.SessionEvent{
		event(30*time.Hour, schema.SessionRoaming, schema.SessionStop), event(20*time.Hour, schema.SessionDomestic, schema.SessionStart),
		event(20*time.Hour, schema.SessionDomestic, schema.SessionStop), event(time.Hour, schema.SessionDomestic, schema.SessionStart),
	}
	b := schema.Batch{SessionEvents: append([]schema.SessionEvent{
		event(50*time.Hour, schema.SessionUnknown, schema.SessionStart), event(31*time.Hour, schema.SessionRoaming, schema.SessionStart),
		event(21*time.Hour, schema.SessionDomestic, schema.SessionStart)}, last...),
		Watermarks: []schema.LogWatermark{{Source: "hq", ContractID: key.ContractID, Log: "session_events", Watermark: read, ObservedAt: read}}}
	if err := db.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	state, err := db.State(t.Context(), "hq", 4*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	texts := func(rows []schema.SessionEvent) (all []string) {
		for _, row := range rows {
			all = append(all, fmt.Sprint(read.Sub(row.EventTime), row.SessionType, row.Event))
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(texts(last), texts(state.SessionEvents)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
