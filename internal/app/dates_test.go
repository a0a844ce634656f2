package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// dater is a carrier of whose answers some have another Date: one a line, as ahead says.
type dater struct {
	http.Handler
	mu    sync.Mutex
	ahead func(path string) time.Duration
}

func (d *dater) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	d.Handler.ServeHTTP(answer, r)
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	if date, err := http.ParseTime(answer.Header().Get("Date")); err == nil {
		w.Header().Set("Date", date.Add(d.aheadOf(r.URL.Path)).UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// aheadOf calls ahead for one request at a time.
func (d *dater) aheadOf(path string) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ahead == nil {
		return 0
	}
	return d.ahead(path)
}

const datedSQL = `SELECT (SELECT count() FROM traffic_samples WHERE observed_at > toDateTime64('2026-05-25 00:00:00', 3, 'Asia/Tokyo')),
	(SELECT count() FROM traffic_daily FINAL WHERE day > '2026-05-22'), (SELECT count() FROM traffic_latest FINAL WHERE scope = 'line'),
	(SELECT count() FROM dead_letters WHERE reason LIKE '%Date: out of bounds%')`

// TestOneAnswerOfAnotherDay: it is dated by the others, from the table of samples to the days, and kept in dead_letters.
func TestOneAnswerOfAnotherDay(t *testing.T) {
	r := newFixture(t, nil)
	d := &dater{Handler: r.sim.Handler()}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	r.cfg.Sources[0].BaseURL, r.cfg.Sources[0].TokenURL = server.URL, server.URL+"/v1/oauth/accesstokens"
	r.sweep()
	days := r.query("SELECT line_no, scope, day, bytes FROM traffic_daily FINAL ORDER BY ALL")
	once, line := false, "/lines/"+r.query("SELECT line_no FROM lines FINAL WHERE state = 'active' ORDER BY line_no")[3]+"/traffic"
	d.mu.Lock()
	d.ahead = func(path string) time.Duration {
		if once || !strings.HasSuffix(path, line) || strings.Contains(path, "dataShare") {
			return 0
		}
		once = true
		return 4 * 24 * time.Hour
	}
	d.mu.Unlock()
	r.sweep()
	if got := r.query(datedSQL)[0]; !once || !strings.HasPrefix(got, "0\t0\t") || !strings.HasSuffix(got, "\t1") {
		t.Errorf("samples of the future, days, latest, dead letters: %s", got)
	}
	if now := r.query("SELECT line_no, scope, day, bytes FROM traffic_daily FINAL ORDER BY ALL"); strings.Join(now, "\n") != strings.Join(days, "\n") {
		t.Errorf("%d days are %d now, and not the same", len(days), len(now))
	}
}

// TestRowsOfTheFutureAreMendedByTheNextAnswer: what an earlier kaisen has stored of an answer of another century.
func TestRowsOfTheFutureAreMendedByTheNextAnswer(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	r.sweep()
	days := r.query("SELECT line_no, scope, day, bytes FROM traffic_daily FINAL WHERE day < '2026-05-20' ORDER BY ALL")
	for _, table := range []string{"traffic_samples", "session_samples", "traffic_daily", "traffic_monthly", "lines", "log_watermarks", "contracts", "data_share_members", "orders", "products"} {
		for _, millis := range []string{"4102444800000", "253402214400000"} { // 2100 and 9999
			replace := "fromUnixTimestamp64Milli(" + millis + ", 'Asia/Tokyo') AS observed_at"
			switch table {
			case "traffic_daily":
				replace += ", bytes + 7 AS bytes, if(cityHash64(line_no) % 2, day, day + 27000) AS day"
			case "log_watermarks":
				replace += ", toDateTime('2100-01-01 00:00:00', 'Asia/Tokyo') AS watermark"
			}
			r.query("INSERT INTO " + table + " SELECT * REPLACE (" + replace + ") FROM " + table + " AS t WHERE t.observed_at < toDateTime64('2027-01-01 00:00:00', 3, 'Asia/Tokyo') SETTINGS prefer_column_name_to_alias = 1")
		}
	}
	if got := r.query("SELECT count() > 0 AND countIf(observed_at < toDateTime64('2027-01-01 00:00:00', 3, 'Asia/Tokyo')) = 0 FROM line_status"); got[0] != "1" {
		t.Fatal("there are no rows of the future to mend")
	}
	r.advance(time.Hour)
	r.sweep()
	for _, sql := range []string{
		"SELECT countIf(observed_at > toDateTime64('2026-05-21 00:00:00', 3, 'Asia/Tokyo')) FROM line_status",
		"SELECT countIf(observed_at < toDateTime64('2026-05-20 15:00:00', 3, 'Asia/Tokyo')) FROM traffic_latest FINAL",
		"SELECT countIf(watermark > '2026-05-21 00:00:00' OR watermark < '2026-05-20 15:00:00') FROM log_watermarks FINAL",
		"SELECT countIf(observed_at > toDateTime64('2026-05-21 00:00:00', 3, 'Asia/Tokyo')) FROM lines FINAL",
		"SELECT countIf(day > '2026-05-21') FROM traffic_daily FINAL",
	} {
		if got := r.query(sql); got[0] != "0" {
			t.Errorf("%s: %s", sql, got[0])
		}
	}
	const closed = " FROM traffic_daily FINAL WHERE day < '2026-05-20' ORDER BY ALL"
	if now := r.query("SELECT line_no, scope, day, bytes" + closed); strings.Join(now, "\n") != strings.Join(days, "\n") {
		t.Errorf("%d closed days are %d now, and not the same", len(days), len(now))
	}
}
