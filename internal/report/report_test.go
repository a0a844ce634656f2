package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/app"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
	"kaisen/schema/clickhouse"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// quarter is a carrier that was swept now and then for some months, until now.
type quarter struct {
	dsn  string
	db   *clickhouse.DB
	now  time.Time // of the last sweep, or shortly before: the month may end while the test runs
	last time.Time // in the last month that has ended
	none time.Time // in the last month of which nothing was seen: it had ended 30 days, the reach of the logs, before the first sweep
}

func newQuarter(t *testing.T) quarter {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines, cfg.Speed = 60, 2, 8, 0
	cfg.Start = now.AddDate(0, 0, -80).Truncate(time.Second)
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(carrier.Handler())
	t.Cleanup(server.Close)
	reach := cfg.Start.AddDate(0, 0, -31)
	q := quarter{
		dsn: chdbtest.StartHTTP(t), now: now, last: time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, zone),
		none: time.Date(reach.Year(), reach.Month()-1, 1, 0, 0, 0, 0, zone),
	}
	watching := q.config(t, carrier, server.URL)
	for left := 80 * 24 * time.Hour; ; left -= 5*24*time.Hour - 5*time.Hour {
		a, err := app.New(watching, slog.New(slog.DiscardHandler), app.Options{Kinds: kinds.All(), Once: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left <= 0 {
			break
		}
		if err := carrier.SetClock(simulator.ClockChange{Advance: min(left, 5*24*time.Hour-5*time.Hour).String()}); err != nil {
			t.Fatal(err)
		}
	}
	db, closeAll, err := app.OpenDatabase(t.Context(), watching, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closeAll() })
	q.db = db
	return q
}

func (q quarter) config(t *testing.T, carrier *simulator.Carrier, url string) *config.Config {
	cfg := config.DefaultConfig()
	cfg.Store = config.Store{Kind: config.StoreClickHouse, DSN: config.NewDSN(q.dsn), AutoMigrate: true, Spool: t.TempDir()}
	cfg.Exporter.Listen = "127.0.0.1:0"
	var rows strings.Builder
	rows.WriteString("contract_id,line_no,name,department\n")
	departments := []string{"Logistics", "渋谷店", "=HYPERLINK(1)", ""}
	i := 0
	for l := range carrier.Truth(simulator.TruthQuery{Days: 1}) {
		fmt.Fprintf(&rows, "%s,%s,Camera <%d>,%s\n", l.ContractID, l.LineNo, i, departments[i%len(departments)])
		i++
	}
	cfg.LabelsFile = filepath.Join(t.TempDir(), "lines.csv")
	if err := os.WriteFile(cfg.LabelsFile, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	source := config.DefaultSource(unom.Kind())
	id, secret := carrier.Credentials()
	source.Name, source.BaseURL, source.TokenURL = "hq", url, url+"/v1/oauth/accesstokens"
	source.ClientID, source.ClientSecret = id, config.NewSecret(secret)
	source.Settings = &unom.Settings{Contracts: carrier.Contracts()}
	source.RateLimit = config.RateLimit{RequestsPerSecond: 1e6, Burst: 1000, MaxInFlight: 8}
	cfg.Sources = []config.Source{source}
	return &cfg
}

func (q quarter) ask(t *testing.T, sql string, month time.Time) string {
	t.Helper()
	answer, err := chdbtest.AskHTTP(q.dsn, strings.ReplaceAll(sql, "MONTH", "toDate('"+day(month)+"')"))
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.TrimSpace(answer)
}

// Every figure of the report is what SQL says, of the tables where they have it.
func TestTheReportIsWhatSQLSays(t *testing.T) {
	q := newQuarter(t)
	r, err := Read(t.Context(), q.db, Options{Month: q.last, By: "department", Now: q.now})
	if err != nil {
		t.Fatal(err)
	}
	same := func(what, got, sql string) {
		t.Helper()
		if want := q.ask(t, sql, q.last); got != want {
			t.Errorf("%s: %s, SQL says %s", what, got, want)
		}
	}
	same("total", fmt.Sprintf("%d\t%d", r.Total.Lines, r.Total.Bytes), "SELECT count(), sum(bytes) FROM traffic_monthly FINAL WHERE scope = 'line' AND month = MONTH")
	same("month before", fmt.Sprintf("%d\t%d", r.Before.Lines, r.Before.Bytes), "SELECT count(), sum(bytes) FROM traffic_monthly FINAL WHERE scope = 'line' AND month = addMonths(MONTH, -1)")
	same("top", fmt.Sprintf("%s\t%d", r.Top()[0].identity.LineNo, r.Top()[0].Bytes), "SELECT line_no, bytes FROM traffic_monthly FINAL WHERE scope = 'line' AND month = MONTH ORDER BY bytes DESC LIMIT 1")
	for _, verdict := range []string{"unused", "too_small", "too_large", "unknown"} {
		same(verdict, fmt.Sprint(len(r.Fit(verdict))), "SELECT count() FROM plan_fit WHERE verdict = '"+verdict+"'")
	}
	if len(r.Fit("too_small"))+len(r.Fit("too_large"))+len(r.Fit("unused")) == 0 || r.Restricted.Lines == 0 || len(r.Pools) == 0 {
		t.Errorf("the quarter proves little: %d too small, %d too large, %d restricted, %d pools", len(r.Fit("too_small")), len(r.Fit("too_large")), r.Restricted.Lines, len(r.Pools))
	}
	for _, g := range r.Departments {
		same("department "+g.Name, fmt.Sprintf("%d\t%d", g.Lines, g.Bytes), `SELECT count(), sum(bytes)
FROM (SELECT * FROM traffic_monthly FINAL WHERE scope = 'line' AND month = MONTH) AS m INNER JOIN (SELECT * FROM line_names FINAL) AS n
	ON n.contract_id = m.contract_id AND n.line_no = m.line_no WHERE label_values[1] = '`+g.Name+"'")
	}
	if len(r.Departments) != 4 {
		t.Errorf("%d departments", len(r.Departments))
	}
	for _, p := range r.Pools {
		same("pool", fmt.Sprintf("%d\t%d", p.Bytes, p.QuotaBytes.N), "SELECT bytes, quota_bytes FROM pool_months WHERE month = MONTH AND contract_id = '"+p.ContractID+"'")
		same("pool's bytes", fmt.Sprint(p.Bytes), "SELECT argMax(bytes, observed_at) FROM traffic_monthly FINAL WHERE scope = 'data_share' AND month = MONTH AND contract_id = '"+p.ContractID+"'")
	}
	same("roamed, unknown and at least", fmt.Sprint(r.Roamed), "SELECT concat('{', arrayStringConcat([countIf(roaming_seconds > 0), countIf(isNull(roaming_seconds)), countIf(roaming_at_least)], ' '), '}') "+
		"FROM line_months WHERE month = MONTH AND (days > 0 OR bytes > 0)")
	q.checkRestricted(t, r)
	checkPages(t, r)
	q.begins(t)
	if folder := os.Getenv("KAISEN_REPORTS"); folder != "" { // for people to look at
		for _, language := range Languages() {
			var page bytes.Buffer
			if err := r.WriteHTML(&page, language); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, language+".html"), page.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r, err := Read(t.Context(), q.db, Options{Month: q.now, Now: q.now}); err != nil || !r.GoesOn() {
		t.Errorf("the month that goes on: %v", err)
	}
	for month, want := range map[time.Time]string{q.last.AddDate(-3, 0, 0): "no figure", q.now.AddDate(0, 2, 0): "has not begun"} {
		if _, err := Read(t.Context(), q.db, Options{Month: month, Now: q.now}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", month, err)
		}
	}
}

// begins asks for months before kaisen saw anything, and for a line that was not there yet.
func (q quarter) begins(t *testing.T) {
	t.Helper()
	before := q.none
	r, err := Read(t.Context(), q.db, Options{Month: before, Now: q.now})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page, "en"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<dt>restricted</dt><dd>not known</dd>`, `<dt>lines abroad</dt><dd>not known</dd>`, `<td class="n">not known</td></tr>`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%s, of which nothing was seen: no %s", day(before), want)
		}
	}
	lines := len(r.Lines)
	first := r.Lines[0]
	// The newest line begins after that month: with no use in it, it was none of its lines.
	q.ask(t, fmt.Sprintf(`INSERT INTO traffic_monthly SELECT * REPLACE (0 AS bytes, now64(3) AS observed_at) FROM traffic_monthly FINAL WHERE scope = 'line' AND line_no = '%s' AND month <= MONTH`, first.identity.LineNo), before)
	q.ask(t, fmt.Sprintf(`INSERT INTO lines SELECT * REPLACE (addMonths(MONTH, 1) AS start_date, now64(3) AS observed_at) FROM lines FINAL WHERE line_no = '%s'`, first.identity.LineNo), before)
	if r, err = Read(t.Context(), q.db, Options{Month: before, Now: q.now}); err != nil {
		t.Fatal(err)
	}
	if r.Total.Lines != lines-1 || r.Months[len(r.Months)-1].Lines != lines-1 {
		t.Errorf("a line that began later: %d and %d lines of %d", r.Total.Lines, r.Months[len(r.Months)-1].Lines, lines)
	}
	q.moveToAnotherContract(t)
	q.movesToAnotherAccount(t)
	if _, err := Read(t.Context(), q.db, Options{Month: before, By: "nosuch", Now: q.now}); err == nil || err.Error() != `there is no column "nosuch" to group by: labels_file has department` {
		t.Errorf("a column that is not there: %v", err)
	}
}

// movesToAnotherAccount has a contract move: from now on another account asks, and is told 30 days and three months of its lines. What the report
// says of months that were over, and how many lines there are, is as before.
func (q quarter) movesToAnotherAccount(t *testing.T) {
	t.Helper()
	months := map[time.Time]*Report{q.last: nil, q.last.AddDate(0, -1, 0): nil, q.last.AddDate(0, 1, 0): nil}
	read := func(month time.Time) *Report {
		r, err := Read(t.Context(), q.db, Options{Month: month, By: "department", Now: q.now})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for month := range months {
		months[month] = read(month)
	}
	const moved = "contract_id = (SELECT contract_id FROM data_share_members GROUP BY contract_id ORDER BY count() DESC LIMIT 1)"
	for table, figures := range map[string]string{
		"traffic_monthly": "month >= addMonths(MONTH, -1)", "traffic_daily": "day >= toDate(now('Asia/Tokyo')) - 30", "lines": "true",
		"line_names": "true", "data_share_members": "true",
	} {
		q.ask(t, "INSERT INTO "+table+" SELECT * REPLACE ('branch' AS source, observed_at + 1 AS observed_at) FROM "+table+" FINAL WHERE "+figures+" AND "+moved, q.last)
	}
	q.ask(t, "INSERT INTO traffic_samples SELECT * REPLACE ('branch' AS source, observed_at + 1 AS observed_at) FROM traffic_latest FINAL WHERE source = 'hq' AND "+moved, q.last)
	q.ask(t, "INSERT INTO lines SELECT * REPLACE ('removed' AS state, observed_at + 1 AS observed_at) FROM lines FINAL WHERE source = 'hq' AND "+moved, q.last)
	for month, was := range months {
		is := read(month)
		if is.Total != was.Total && (!is.GoesOn() || is.Total.Lines != was.Total.Lines || is.Total.Bytes != was.Total.Bytes) || is.Before != was.Before || is.Left > was.Left {
			t.Errorf("%s after a contract has moved: %+v and before it %+v, %d left; want %+v, %+v, %d", day(month), is.Total, is.Before, is.Left, was.Total, was.Before, was.Left)
		}
		if !slices.Equal(is.Months, was.Months) || len(is.Lines) != len(was.Lines) || len(is.Pools) != len(was.Pools) || is.Pools[0].Bytes != was.Pools[0].Bytes || is.Pools[0].Before != was.Pools[0].Before {
			t.Errorf("%s after a contract has moved: %+v, %d lines, pools %+v; want %+v, %d, %+v", day(month), is.Months, len(is.Lines), is.Pools, was.Months, len(was.Lines), was.Pools)
		}
		if !is.GoesOn() && (!slices.Equal(is.Departments, was.Departments) || is.Restricted != was.Restricted) {
			t.Errorf("%s after a contract has moved: %+v %+v, want %+v %+v", day(month), is.Departments, is.Restricted, was.Departments, was.Restricted)
		}
	}
}

// moveToAnotherContract has three lines move in the month that goes on, and the carrier tell all of their months in the new contract, too.
func (q quarter) moveToAnotherContract(t *testing.T) {
	t.Helper()
	read := func(month time.Time) *Report {
		r, err := Read(t.Context(), q.db, Options{Month: month, By: "department", Now: q.now})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	open := q.last.AddDate(0, 1, 0)
	was, wasOpen := read(q.last), read(open)
	const moved = `(contract_id, line_no) IN (SELECT contract_id, line_no FROM lines FINAL WHERE data_share = 'none' AND state = 'active' AND source = 'hq'
    AND (contract_id, line_no) IN (SELECT contract_id, line_no FROM traffic_monthly FINAL WHERE scope = 'line' AND bytes > 0 AND month = addMonths(toDate(MONTH), 1)) ORDER BY line_no LIMIT 3)`
	q.ask(t, "INSERT INTO traffic_monthly SELECT * REPLACE ('N999999999' AS contract_id, observed_at + 1 AS observed_at, if(month = addMonths(toDate(MONTH), 1), bytes + 1000, bytes) AS bytes) "+
		"FROM (SELECT * FROM traffic_monthly FINAL WHERE scope = 'line' AND "+moved+")", q.last)
	q.ask(t, "INSERT INTO lines SELECT * REPLACE ('N999999999' AS contract_id, observed_at + 1 AS observed_at, addMonths(toDate(MONTH), 1) AS start_date) FROM (SELECT * FROM lines FINAL WHERE "+moved+")", q.last)
	q.ask(t, "INSERT INTO lines SELECT * REPLACE ('removed' AS state, observed_at + 1 AS observed_at) FROM lines FINAL WHERE line_no IN (SELECT line_no FROM lines WHERE contract_id = 'N999999999') "+
		"AND contract_id != 'N999999999'", q.last)
	is, isOpen := read(q.last), read(open)
	if is.Total != was.Total || is.Before != was.Before || !slices.Equal(is.Months, was.Months) {
		t.Errorf("after three lines have moved: %+v and before it %+v, %+v; want %+v, %+v, %+v", is.Total, is.Before, is.Months, was.Total, was.Before, was.Months)
	}
	if isOpen.Total.Lines != wasOpen.Total.Lines || isOpen.Total.Bytes != wasOpen.Total.Bytes+3000 || isOpen.Before != wasOpen.Before {
		t.Errorf("in the month that goes on, after three lines have moved: %+v and before it %+v; want %+v and 3,000 bytes more, %+v", isOpen.Total, isOpen.Before, wasOpen.Total, wasOpen.Before)
	}
}

// checkPages looks at what people get: each line in the CSV, exact; names escaped, no text missing.
func checkPages(t *testing.T, r *Report) {
	t.Helper()
	var table bytes.Buffer
	if err := r.WriteCSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != len(r.Lines)+1 || rows[1][8] != fmt.Sprint(r.Lines[0].Bytes) {
		t.Fatalf("%d rows of CSV, error %v", len(rows), err)
	}
	if strings.Contains(table.String(), ",=HYPERLINK") || !strings.Contains(table.String(), "渋谷店") {
		t.Error("the CSV has a formula, or lacks a name")
	}
	for _, language := range Languages() {
		var page bytes.Buffer
		if err := r.WriteHTML(&page, language); err != nil {
			t.Fatal(err)
		}
		w, err := wordsOf(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"Camera <", "%!", "<no value>", "src=", "href="} {
			if strings.Contains(page.String(), bad) {
				t.Errorf("%s: the page has %q", language, bad)
			}
		}
		for _, name := range []string{"top", "departments", "pools", "unused", "too_small", "too_large", "months"} {
			if !strings.Contains(page.String(), w.say(name)) {
				t.Errorf("%s: the page lacks %q", language, w.say(name))
			}
		}
	}
}

// What a figure looks like that people read.
func TestFiguresForPeople(t *testing.T) {
	for bytes, want := range map[uint64]string{0: "0", 1: "< 0.01", 11_000_000: "0.01", 45 << 29: "22.50", 1_234_567_000_000: "1,150"} {
		if got := gigabytes(bytes); got != want {
			t.Errorf("%d bytes: %q, want %q", bytes, got, want)
		}
	}
	for seconds, want := range map[uint64]string{0: "0", 359: "< 0.1", 5400: "1.5", 3_600_000: "1,000"} {
		if got := hours(seconds); got != want {
			t.Errorf("%d s: %q, want %q", seconds, got, want)
		}
	}
	w := words{"unknown": "?"}
	for _, m := range []struct {
		Maybe
		unit, want string
	}{
		{Maybe{}, "hours", "?"}, {Maybe{Known: true}, "hours", "0"}, {Maybe{Known: true, AtLeast: true}, "hours", "≥ 0"},
		{Maybe{Known: true, N: 60, AtLeast: true}, "hours", "> 0"}, {Maybe{Known: true, N: 5400, AtLeast: true}, "hours", "≥ 1.5"},
		{Maybe{Known: true, N: 1200}, "lines", "1,200"}, {Maybe{Known: true, N: 45 << 29}, "gb", "22.50"},
	} {
		if got := w.known(m.Maybe, m.unit); got != m.want {
			t.Errorf("%+v: %q, want %q", m, got, m.want)
		}
	}
	if change(150, 100) != "+50 %" || change(1, 0) != "–" || percent(1, 4) != "25 %" || percent(1, 0) != "–" {
		t.Error(change(150, 100), change(1, 0), percent(1, 4), percent(1, 0))
	}
}
