package serviceorder

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// TestADayThatIsTooLargeIsLostAlone: the others are read, the watermark goes on, and the loss is told: in dead_letters once.
func TestADayThatIsTooLargeIsLostAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		large := schema.DateOf(time.Now().AddDate(0, 0, -1))
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: func(from, to schema.Date) ([]api.Detail, error) {
			if from <= large && large <= to {
				return nil, &carrier.Error{Kind: carrier.KindTooLarge, Status: 200}
			}
			var rows []api.Detail
			for day := from; day <= to; day++ {
				rows = append(rows, api.Detail{WebEntryID: day.String()})
			}
			return rows, nil
		}}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		for range 2 {
			_, err := o.Once(t.Context())
			if err == nil || !strings.Contains(err.Error(), large.String()) {
				t.Errorf("error %v does not speak of %s", err, large)
			}
			time.Sleep(time.Hour)
		}
		days := map[string]bool{}
		for _, row := range sink.All().ServiceOrderDetails {
			days[row.WebEntryID] = true
		}
		if len(days) != 31 || days[large.String()] {
			t.Errorf("%d days were read, want 31 of 32", len(days))
		}
		if marks := sink.All().Watermarks; len(marks) != 2 || !marks[1].Watermark.After(marks[0].Watermark) {
			t.Errorf("watermarks %+v: the job stands still", marks)
		}
		if letters := sink.All().DeadLetters; len(letters) != 1 || !strings.Contains(letters[0].Reason, large.String()) {
			t.Errorf("dead letters %+v", letters)
		}
		time.Sleep(5 * 24 * time.Hour)
		if _, err := o.Once(t.Context()); err != nil {
			t.Errorf("five days later: %v", err)
		}
	})
}

// Of updates that have fewer rows than the answer says the period is halved. A day that is too short by itself fails the
// job, what there is of it is stored, and the watermark stays where it is asked for again: for a month.
func TestDetailsThatAreFewerThanTheAnswerSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		const most = 5 // rows of an answer
		small := schema.DateOf(time.Now().AddDate(0, 0, -20))
		busy := schema.DateOf(time.Now().AddDate(0, 0, -10))
		all := func(from, to schema.Date) (rows []api.Detail) {
			for day := from; day <= to; day++ {
				for n := range map[schema.Date]int{small: 4, small + 1: 4, busy: 7}[day] {
					rows = append(rows, api.Detail{WebEntryID: fmt.Sprint(day, " ", n)})
				}
			}
			return rows
		}
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}},
			details: func(from, to schema.Date) ([]api.Detail, error) {
				rows := all(from, to)
				return rows[:min(len(rows), most)], nil
			},
			found: func(from, to schema.Date) int { return len(all(from, to)) }}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		read := func() int {
			known := map[string]bool{}
			for _, row := range sink.All().ServiceOrderDetails {
				known[row.WebEntryID] = true
			}
			return len(known)
		}
		_, err := o.Once(t.Context())
		if err == nil || !strings.Contains(err.Error(), busy.String()+": the carrier gave 2 rows fewer") || strings.Contains(err.Error(), small.String()) {
			t.Errorf("error %v", err)
		}
		if read() != 13 {
			t.Errorf("%d rows are stored, want 8 of two days that were asked for apart and 5 of 7", read())
		}
		time.Sleep(7 * 24 * time.Hour)
		if _, err = o.Once(t.Context()); err == nil {
			t.Error("a week later the day is forgotten")
		}
		found, details := f.found, f.details
		f.found, f.details = nil, func(from, to schema.Date) ([]api.Detail, error) { return all(from, to), nil }
		time.Sleep(time.Hour)
		if _, err := o.Once(t.Context()); err != nil || read() != 15 {
			t.Errorf("%d rows are stored once the carrier gives them, error %v", read(), err)
		}
		f.asked = nil
		time.Sleep(24 * time.Hour)
		if _, err := o.Once(t.Context()); err != nil || !strings.Contains(fmt.Sprint(f.asked), "details 2000-01-09") {
			t.Errorf("asked for %q, error %v", f.asked, err)
		}
		f.found, f.details = found, details
		o = serviceOrders(f, sink)
		_, _ = o.Once(t.Context())
		time.Sleep(40 * 24 * time.Hour)
		for range 2 {
			time.Sleep(time.Hour)
			_, err = o.Once(t.Context())
		}
		if err != nil {
			t.Errorf("40 days later: %v", err)
		}
	})
}

// TestAMarkOfTheFuture does not stop the details for ever.
func TestAMarkOfTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: nothing}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		o.Restore(schema.State{Watermarks: []schema.LogWatermark{{Source: "hq", Log: JobDetails, Watermark: time.Now().AddDate(100, 0, 0)}}})
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.calls("details"); len(got) != 1 || got[0] != "details 1999-12-04 2000-01-04" {
			t.Errorf("asked %v", got)
		}
		if marks := sink.All().Watermarks; len(marks) != 1 || marks[0].Watermark.After(time.Now()) {
			t.Errorf("watermarks %+v", marks)
		}
	})
}
