package exporter

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/internal/csvtext"
	"kaisen/schema"
)

// sheet writes rows to a client as they are made. Its header is its first row.
type sheet struct {
	out *csv.Writer
}

// newSheet begins a CSV file. The mark at its beginning is what spreadsheets tell UTF-8 by.
func newSheet(w http.ResponseWriter, name string, now time.Time, columns ...string) sheet {
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	header.Set("Content-Disposition", `attachment; filename="kaisen-`+name+now.Format("-20060102-1504")+`.csv"`)
	header.Set("Cache-Control", "no-store") // it names lines, and is of this moment
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte("\ufeff")) // as below
	s := sheet{csv.NewWriter(w)}
	s.write(columns...)
	return s
}

// write writes a row. A client that left shows in the end.
func (s sheet) write(cells ...string) {
	for i, cell := range cells {
		cells[i] = csvtext.Harmless(cell)
	}
	_ = s.out.Write(cells)
}

// linesCSV is all lines that a request for /lines finds.
func (p *pages) linesCSV(w http.ResponseWriter, r *http.Request) {
	if refuseList(w, r.URL.Query()) {
		return
	}
	now := time.Now()
	s := newSheet(w, "lines", now.In(p.fleet.Config().Zone), "source", "contract_id", "line", "name", "state", "plan_code", "device_name",
		"restriction", "restricted_since", "since_at_least", "restricted_until", "of_pool", "month_bytes", "today_bytes", "remaining_bytes", "quota_bytes",
		"exhausted_at", "roaming", "refused_24h", "received_at", "stale", "asked_every_seconds", "schedule_class")
	for line := range p.fleet.Each(queryOf(r.URL.Query()), now) {
		if r.Context().Err() != nil {
			return
		}
		every, class := p.paceCells(line.Name)
		s.write(line.Source, line.ContractID, line.Label, line.DisplayName, line.State, line.Plan, line.Device,
			line.Restriction, moment(line.Since), yesIf(line.Since.Known(), line.SinceAtLeast), moment(line.Until), yesIf(true, line.OfPool),
			figure(line.Used), figure(line.Today), figure(line.Remaining), figure(line.Quota()),
			moment(line.Outlook.Out), yesIf(true, line.Abroad), strconv.Itoa(line.Refused), instant(line.ReceivedAt), yesIf(true, line.Stale || line.Restriction == ""), every, class)
	}
	s.out.Flush()
}

// poolsCSV is all share groups, the restricted ones first.
func (p *pages) poolsCSV(w http.ResponseWriter, _ *http.Request) {
	now := time.Now()
	s := newSheet(w, "pools", now.In(p.fleet.Config().Zone), "source", "contract_id", "restriction", "restricted_since", "since_at_least", "restricted_until",
		"members", "month_bytes", "remaining_bytes", "quota_bytes", "exhausted_at", "month_end_bytes", "stale")
	for _, pool := range p.fleet.Overview(now).Pools {
		s.write(pool.Source, pool.ContractID, pool.Restriction, moment(pool.Since), yesIf(pool.Since.Known(), pool.SinceAtLeast), moment(pool.Until),
			strconv.Itoa(pool.Members), figure(pool.Month), figure(pool.Remaining), figure(pool.Quota()), moment(pool.Outlook.Out), expected(pool.Outlook), yesIf(true, pool.Stale))
	}
	s.out.Flush()
}

// ordersCSV is all orders that a request for /orders finds.
func (p *pages) ordersCSV(w http.ResponseWriter, r *http.Request) {
	now := time.Now().In(p.fleet.Config().Zone)
	s := newSheet(w, "orders", now, "source", "contract_id", "api", "order_id", "item", "what", "status", "open", "failed", "late", "error", "status_since", "planned", "listed")
	orders, _ := p.ordersOf(r.URL.Query(), now)
	for _, o := range orders {
		s.write(o.Source, o.ContractID, o.API, o.ID, strconv.Itoa(int(o.Item)), o.What, o.Status, yesIf(true, o.Open), yesIf(true, o.Failed),
			yesIf(true, o.Late(schema.DateOf(now))), o.Error, instant(o.Since), date(o.Planned), yesIf(true, !o.Gone))
	}
	s.out.Flush()
}

// sitesCSV is all sites that a request for /sites finds.
func (p *pages) sitesCSV(w http.ResponseWriter, r *http.Request) {
	s := newSheet(w, "sites", time.Now().In(p.fleet.Config().Zone), "source", "site_code", "site_name", "status", "line_type", "global_ip", "start", "end", "listed")
	sites, _ := p.sitesOf(r.URL.Query())
	for _, site := range sites {
		s.write(site.Source, site.Code, site.Name, site.Status, site.Line, site.Address, date(site.Start), date(site.End), yesIf(true, !site.Gone))
	}
	s.out.Flush()
}

// Cells. What is not known is an empty one.

func figure(n schema.Opt[uint64]) string {
	if !n.Known {
		return ""
	}
	return strconv.FormatUint(n.V, 10)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05Z07:00")
}

func moment(m fleet.Moment) string { return instant(m.At) }

// expected is what a month is expected to end with, bytes.
func expected(f fleet.Forecast) string {
	if !f.Known {
		return ""
	}
	return strconv.FormatUint(f.End, 10)
}

func date(d schema.Opt[schema.Date]) string {
	if !d.Known {
		return ""
	}
	return d.V.Time().Format("2006-01-02")
}

func yesIf(known, holds bool) string {
	switch {
	case !known:
		return ""
	case holds:
		return "yes"
	}
	return "no"
}
