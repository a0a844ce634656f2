package unom

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/days/daystest"
	"kaisen/collector/unom/readings"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// travellers is a carrier with some lines, of which the first roams every other day.
func travellers(lines int, roams bool, like daystest.Usage) *fakeCarrier {
	f := &fakeCarrier{lines: listed(lines), traffic: map[string]func() (carrier.Answer[api.Traffic], error){}}
	for i := range lines {
		line := daily(uint64(1000 + 77*i))
		line.Unit, line.Without, line.Roaming = like.Unit, like.Without, map[schema.Date]bool{}
		for day := range line.Days {
			line.Roaming[day] = roams && i == 0 && day%2 == 0
		}
		f.traffic[lineNo(i)] = func() (carrier.Answer[api.Traffic], error) {
			told := api.Traffic{LineNo: lineNo(i)}
			told.Days, told.Months = line.Answer(time.Now().In(tokyo), 0)
			return answered(f, told), nil
		}
	}
	f.session = func(number string) (carrier.Answer[api.Session], error) {
		kind := schema.SessionDomestic
		if number == lineNo(0) && roams && schema.DateOf(time.Now().In(tokyo))%2 == 0 {
			kind = schema.SessionRoaming
		}
		return answered(f, api.Session{LineNo: number, Type: kind, Connected: schema.Some(true)}), nil
	}
	return f
}

// The lines that roam show whether the month's figure holds roaming, and all how exact figures are; where none roams it
// stays open, and no sum dates a day.
func TestWhatFiguresShow(t *testing.T) {
	racetest.Skip(t)
	for name, test := range map[string]struct {
		roams       bool
		like        daystest.Usage
		unit, month string
	}{
		"bytes with roaming":    {true, daystest.Usage{Unit: 1}, readings.FigureBytes, readings.MonthWithRoaming},
		"bytes without roaming": {true, daystest.Usage{Unit: 1, Without: true}, readings.FigureBytes, readings.MonthWithoutRoaming},
		"MiB with roaming":      {true, daystest.Usage{Unit: days.Mebibyte}, readings.FigureMebibyte, readings.MonthWithRoaming},
		"MiB without roaming":   {true, daystest.Usage{Unit: days.Mebibyte, Without: true}, readings.FigureMebibyte, readings.MonthWithoutRoaming},
		"nobody roams":          {false, daystest.Usage{Unit: 1, Without: true}, readings.FigureBytes, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &collectortest.Sink{}
				u := newUnom(travellers(4, test.roams, test.like), sink, every(map[string]time.Duration{
					JobLines: time.Hour, JobTraffic: 30 * time.Minute, JobSession: 30 * time.Minute}))
				defer start(t, u)()
				time.Sleep(35 * 24 * time.Hour)
				unit, _ := found(sink, readings.FigureUnit)
				month, _ := found(sink, readings.MonthFigure)
				if unit != test.unit || month != test.month {
					t.Errorf("found %q and %q, want %q and %q", unit, month, test.unit, test.month)
				}
				for _, f := range sink.All().Findings {
					if f.Reading == readings.MonthFigure && f.Value != test.month || f.Reading == readings.FigureUnit && f.Value != test.unit {
						t.Fatalf("at %s: %s: %s", f.ObservedAt, f.Value, f.Evidence)
					}
				}
				if sum := u.monthSum(contract); sum.Holds != (test.month == readings.MonthWithRoaming) || sum.Slack != test.like.Unit-1 {
					t.Errorf("the month's sum: %+v", sum)
				}
			})
		})
	}
}

// A log says that a line has roamed where nobody asks call 26.
func TestALogShowsRoaming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(5 * 24 * time.Hour)
		sink := &collectortest.Sink{}
		f := travellers(4, true, daystest.Usage{Unit: 1, Without: true})
		u := newUnom(f, sink, nil)
		f.log = []api.Authentication{{LineNo: lineNo(0), At: time.Now().Add(-2 * 24 * time.Hour), Type: schema.SessionRoaming}}
		f.now = time.Now()
		for _, job := range []string{JobLines, JobAuthentications, JobTraffic, JobTraffic} {
			sweepOnce(t, u, job)
		}
		if month, _ := found(sink, readings.MonthFigure); month != readings.MonthWithoutRoaming {
			t.Errorf("found %q", month)
		}
	})
}

// What a remaining volume of 0 means is decided line by line: by the course of the plan, or by what its lines show.
func TestWhatNothingLeftMeans(t *testing.T) {
	type line struct {
		plan        string
		remaining   uint64
		restriction schema.Restriction
	}
	const none, monthly = schema.RestrictionNone, schema.RestrictionMonthly
	courses := []api.Product{{ProductCode: "zero", CourseType: api.CourseZero}, {ProductCode: "spare", CourseType: api.CourseSpare},
		{ProductCode: "basic", CourseType: api.CourseBasic}, {ProductCode: "?"}}
	for name, test := range map[string]struct {
		lines []line
		want  string
	}{
		"nobody is at 0":                            {[]line{{"basic", 5, none}, {"new", 1, none}}, ""},
		"courses without a volume":                  {[]line{{"zero", 0, none}, {"spare", 0, none}, {"basic", 9, none}}, readings.RemainingNoVolume},
		"a course with a volume":                    {[]line{{"basic", 0, none}}, readings.RemainingUsedUp},
		"both, by the course":                       {[]line{{"basic", 0, monthly}, {"zero", 0, none}}, readings.RemainingBoth},
		"no course is known, another has a volume":  {[]line{{"new", 0, none}, {"new", 7, none}}, readings.RemainingUsedUp},
		"no course is known, another is restricted": {[]line{{"new", 0, none}, {"new", 0, monthly}}, readings.RemainingUsedUp},
		"no course is known, nothing shows one":     {[]line{{"new", 0, none}, {"?", 0, none}, {"other", 7, none}}, readings.RemainingNoVolume},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeCarrier{contractAnswers: &contractAnswers{}, traffic: map[string]func() (carrier.Answer[api.Traffic], error){}}
			f.contractAnswers.products = slices.Clone(courses)
			for i, l := range test.lines {
				f.lines = append(f.lines, api.Line{LineNo: lineNo(i), PlanCode: l.plan})
				f.traffic[lineNo(i)] = func() (carrier.Answer[api.Traffic], error) {
					return answered(f, api.Traffic{LineNo: lineNo(i), Remaining: schema.Some(l.remaining), Restriction: l.restriction}), nil
				}
			}
			sink := &collectortest.Sink{}
			u := newUnom(f, sink, nil)
			for _, job := range []string{JobLines, JobProducts, JobTraffic} {
				sweepOnce(t, u, job)
			}
			if value, _ := found(sink, readings.RemainingNil); value != test.want {
				t.Errorf("found %q, want %q", value, test.want)
			}
		})
	}
}
