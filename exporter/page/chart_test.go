package page

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// aDetail is a line on 11 November at noon: 100 MB a day, 1.05 GB so far, 1.5 GB in all, running out on the 15th.
func aDetail() Detail {
	zone := time.FixedZone("JST", 9*60*60)
	now := time.Date(2026, 11, 11, 12, 0, 0, 0, zone)
	moment := func(day int) fleet.Moment {
		at := time.Date(2026, 11, day, 12, 0, 0, 0, zone)
		return fleet.Moment{At: at, In: at.Sub(now)}
	}
	d := Detail{Head: Head{Now: now, Labels: "plain"}, Detail: fleet.Detail{Summary: fleet.Summary{
		Name:  fleet.Name{Source: "hq", ContractID: "N123456789", Label: "09012345678"},
		State: "active", Fresh: true, CarrierNow: now, ReceivedAt: now.Add(-time.Minute), Used: schema.Some[uint64](1_050_000_000), Today: schema.Some[uint64](50_000_000),
		Usage:    fleet.Usage{Month: schema.Some[uint64](1_050_000_000), Remaining: schema.Some[uint64](450_000_000), Restriction: "none"},
		Days:     fleet.Days{Last: schema.DateOf(now), Bytes: make([]float64, 31)},
		Forecast: fleet.Forecast{Known: true, End: 1_550_000_000, Low: 1_520_000_000, High: 1_600_000_000, Out: moment(15), Early: moment(14), Late: moment(17)},
	}}}
	d.Outlook = d.Forecast
	for i := range d.Days.Bytes {
		d.Days.Bytes[i] = 100e6
	}
	d.Days.Bytes[30] = 50e6
	return d
}

func TestSpark(t *testing.T) {
	w := english(t)
	d := aDetail().Days
	d.Bytes[0], d.Bytes[1] = math.NaN(), 0
	s := w.spark(d)
	if got := strings.Count(s.Past, "M"); got != 29 {
		t.Errorf("%d closed days, want 29", got)
	}
	if strings.Count(s.Gaps, "M") != 1 || !strings.HasPrefix(s.Today, "M150 26v-13.5") {
		t.Errorf("gaps %q, today %q", s.Gaps, s.Today)
	}
	if want := "Last 31 days: 2.65 GB in all, most on 14 Oct with 95.4 MB"; s.Title != want {
		t.Errorf("title %q, want %q", s.Title, want)
	}
	for i := range d.Bytes {
		d.Bytes[i] = math.NaN()
	}
	if s := w.spark(d); s.Past != "" || s.Today != "" || s.Title != "Nothing is known of the last 31 days" {
		t.Errorf("of nothing: %+v", s)
	}
}

// TestMonthChart: the used line ends now, the forecast turns where the volume runs out, and ends at the month's end.
func TestMonthChart(t *testing.T) {
	w, d := english(t), aDetail()
	m := w.month(d)
	if m.Empty() || m.QuotaText != "volume 1.40 GB" || m.OutText != "runs out 15 Nov 12:00" {
		t.Fatalf("%+v", m)
	}
	if points := strings.Count(m.Used, "L"); points != 11 { // 1 to 11 November
		t.Errorf("%d days in %s", points, m.Used)
	}
	if !strings.HasSuffix(m.Used, "L"+number(m.Left)+" "+number(m.y(0))) {
		t.Errorf("the month does not begin at nothing: %s", m.Used)
	}
	if got := strings.Count(m.Heading, "L"); got != 2 || !strings.Contains(m.Heading, number(m.OutX)+" "+number(m.QuotaY)) {
		t.Errorf("the forecast %s does not turn at %g %g", m.Heading, m.OutX, m.QuotaY)
	}
	if got := strings.Count(m.Band, "L"); got != 5 {
		t.Errorf("band %s", m.Band)
	}
	if want := "This month so far: 0.98 GB; volume 1.40 GB; 1.44 GB expected at its end, between 1.42 GB and 1.49 GB in 8 cases of 10"; m.Title != want {
		t.Errorf("title %q", m.Title)
	}

	d.Forecast, d.Remaining = fleet.Forecast{}, schema.Opt[uint64]{}
	d.Days.Bytes[25] = math.NaN() // 6 November
	m = w.month(d)
	if m.QuotaY != 0 || m.Heading != "" || m.OutX != 0 || strings.Count(m.Used, "L") != 5 {
		t.Errorf("with little known: %+v", m)
	}
	d.Used = schema.Opt[uint64]{}
	if m := w.month(d); !m.Empty() {
		t.Errorf("with nothing known: %+v", m)
	}
}

// TestBarsChart: known days stand, unknown ones do not, and a restriction lies below its days.
func TestBarsChart(t *testing.T) {
	w, d := english(t), aDetail()
	d.Days.Bytes[3] = math.NaN()
	from := time.Date(2026, 11, 9, 0, 0, 0, 0, d.Now.Location())
	d.Episodes = []fleet.Episode{{Restriction: "recent", From: from, Until: from.AddDate(0, 0, 1)}, {Restriction: "monthly", From: from.AddDate(0, 0, 2)}}
	b := w.bars(d)
	if len(b.Bars) != 31 || b.Bars[3].Known || !b.Bars[30].Today || b.Bars[29].Text != "10 Nov: 95.4 MB" || b.Bars[3].Text != "15 Oct: not known" {
		t.Errorf("bars %+v", b.Bars)
	}
	slot := b.w() / 31
	if len(b.Strips) != 2 || math.Abs(b.Strips[0].X-(b.Left+28*slot)) > 0.01 || math.Abs(b.Strips[0].W-slot) > 0.01 || math.Abs(b.Strips[1].W-slot/2) > 0.01 {
		t.Errorf("strips %+v, a day is %g wide", b.Strips, slot)
	}
	if got := w.bars(Detail{}); len(got.Bars) != 0 || len(got.Strips) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

func number(f float64) string { return fmt.Sprintf("%.1f", f) }
