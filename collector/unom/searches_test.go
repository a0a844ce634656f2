package unom

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
)

// notFound is a call's 404 in the words of row 21.
func notFound() error {
	return &carrier.Error{Kind: carrier.KindNotFound, Reason: api.ReasonOtherNotFound, Status: 404, Code: "404", Message: "Not Found", ObservedAt: time.Now()}
}

// A list whose call answers 404 is empty where the contract is known, and a failure where it is not. A list of lines that
// is empty is doubted, however it says so.
func TestListsThatAreNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{linesErr: notFound(), memberErr: notFound()}
		sink := &collectortest.Sink{}
		u := newUnom(c, sink, nil)
		for _, job := range []string{JobLines, JobDataShare} {
			if err := sweepOnce(t, u, job).Err(); err == nil {
				t.Errorf("%s of a contract that is not known: an empty list", job)
			}
		}
		c.lines, c.linesErr = listed(4), nil
		for i := range 4 {
			c.used(lineNo(i), 1)
		}
		if err := sweepOnce(t, u, JobLines).Err(); err != nil {
			t.Fatal(err)
		}
		if err := sweepOnce(t, u, JobDataShare).Err(); err != nil {
			t.Errorf("a share group without members: %v", err)
		}
		c.lines, c.linesErr = nil, notFound()
		if err := sweepOnce(t, u, JobLines).Err(); err == nil {
			t.Error("a list that has lost all lines was believed")
		}
		found := map[string]string{}
		for _, f := range sink.All().Findings {
			found[f.Operation+" "+f.Reading] = f.Value
		}
		if found["data_share "+readings.EmptyAnswer] != readings.Empty404 || found["lines "+readings.EmptyAnswer] != readings.Empty404 {
			t.Errorf("found %v", found)
		}
		time.Sleep(3 * 24 * time.Hour)
		c.linesErr = notFound()
		if err := sweepOnce(t, u, JobDataShare).Err(); err == nil {
			t.Error("a contract that nobody has answered for in two days is known")
		}
	})
}
