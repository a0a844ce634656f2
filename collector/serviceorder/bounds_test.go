package serviceorder

import (
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
