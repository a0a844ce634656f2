package fleet

import (
	"testing"
	"time"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestWhatIsReadLateIsNoNews: rows of the authentication log that were read an hour after what they tell are counted as
// such, and not as refusals of the line.
func TestWhatIsReadLateIsNoNews(t *testing.T) {
	f := New(DefaultConfig())
	now := time.Now()
	row := func(line string, result schema.AuthResult, age time.Duration) schema.Authentication {
		return schema.Authentication{
			LineKey: fleettest.LineKey(line), Result: result, SessionType: schema.SessionDomestic, EventTime: now.Add(-age), ObservedAt: now,
		}
	}
	f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeLine)))
	f.Write(schema.Batch{Authentications: []schema.Authentication{
		row("1", schema.AuthNG, time.Minute), row("1", schema.AuthNG, time.Hour), row("1", schema.AuthNG, time.Hour+time.Second),
		row("1", schema.AuthOK, time.Minute), row("2", schema.AuthOK, 24*time.Hour), row("3", schema.AuthNG, 0),
	}})
	got := shown(t, f)
	if refused := got.Of("kaisen_line_authentications_refused_total"); len(refused) != 1 ||
		got[fleettest.Key("kaisen_line_authentications_refused_total", "source", "hq", "contract_id", "N123456789", "line_no", "1")] != 2 {
		t.Errorf("refused: %v, want 2 of line 1 alone", refused)
	}
	for name, want := range map[string]float64{"kaisen_authentications_total": 4, "kaisen_authentications_late_total": 1} {
		if value := got[contractSeries(name, "result", "ng", "session_type", "domestic")]; value != want {
			t.Errorf("%s of ng: %v, want %v", name, value, want)
		}
	}
}

// TestRefusalsSurviveARestart: the day's are counted in whichever order the database has them.
func TestRefusalsSurviveARestart(t *testing.T) {
	f := New(DefaultConfig())
	s := schema.State{Traffic: []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine)}}
	for _, age := range []time.Duration{time.Minute, 30 * time.Hour, 20 * time.Hour, 20*time.Hour - time.Second, 5 * time.Hour} {
		s.Authentications = append(s.Authentications, schema.Authentication{LineKey: fleettest.LineKey("1"), Result: schema.AuthNG, EventTime: time.Now().Add(-age)})
	}
	f.Restore(s)
	if found, _ := f.Search(Query{List: ListRefused, Most: 1}, time.Now()); len(found) != 1 || found[0].Refused != 4 {
		t.Errorf("%+v, want 4 refusals", found)
	}
}

// TestLateCountersBeginAtZero with the log's own.
func TestLateCountersBeginAtZero(t *testing.T) {
	f := New(DefaultConfig())
	f.Write(schema.Batch{Watermarks: []schema.LogWatermark{{Source: "hq", ContractID: "N123456789", Log: "authentications"}}})
	if got := shown(t, f).Of("kaisen_authentications_late_total"); len(got) != 4 {
		t.Errorf("before the first row: %v, want four series at 0", got)
	}
}

// TestAForecastThatLastsIsShown: what the month will have used, with a time of exhaustion or without.
func TestAForecastThatLastsIsShown(t *testing.T) {
	f := New(DefaultConfig())
	f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeLine)))
	f.Forecast("hq", []schema.LineForecast{{LineKey: fleettest.LineKey("1"), MonthEndBytes: 5e9}})
	got := shown(t, f)
	if ends := got.Of("kaisen_line_month_end_bytes"); len(ends) != 1 || len(got.Of(exhaustionName)) != 0 {
		t.Errorf("%v, want 5e9 of line 1, and no time", ends)
	}
	for _, value := range got.Of("kaisen_line_month_end_bytes") {
		if value != 5e9 {
			t.Errorf("month's end: %v, want 5e9", value)
		}
	}
}
