package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kaisen/schema"
)

// A sweep of an account is whole while the carrier of another, which stands before it in the configuration, never answers.
func TestAccountsOfASweepDoNotWaitForOneAnother(t *testing.T) {
	r := newFixture(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	deaf := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-ctx.Done():
		case <-req.Context().Done():
		}
	}))
	t.Cleanup(func() {
		cancel()
		deaf.Close()
	})
	other := r.config().Sources[0]
	other.Name, other.BaseURL, other.TokenURL = "deaf", deaf.URL, deaf.URL
	r.cfg.Sources = append(r.cfg.Sources[:0:0], other, r.cfg.Sources[0])
	ended := make(chan error, 1)
	a := r.app()
	go func() {
		_, err := a.Sweep(ctx)
		ended <- err
	}()
	r.eventually("the other account is swept", func() bool {
		return len(r.query("SELECT 1 FROM sweeps WHERE source = 'hq' AND job = 'traffic' AND failed = 0")) > 0
	})
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "deaf") {
		t.Errorf("the sweep ended with %v", err)
	}
}

// Where nothing is known of a line or a share group no forecast of it is asked for, since planning that costs the database more than
// all else that it is asked.
func TestNoForecastIsAskedOfNothing(t *testing.T) {
	r := newFixture(t, nil)
	a, line := r.app(), r.capped()
	key := schema.LineKey{Source: "hq", ContractID: line.ContractID, LineNo: line.LineNo}
	always := func(time.Time) bool { return true }
	asked := func(when string, lines, groups bool) {
		t.Helper()
		if err := a.forecastOnce(t.Context(), always); (err != nil) != lines {
			t.Errorf("%s: the forecast of lines gives %v without its view", when, err)
		}
		if err := a.forecastPools(t.Context()); (err != nil) != groups {
			t.Errorf("%s: the forecast of share groups gives %v without its view", when, err)
		}
	}
	err := a.withStore(t.Context(), func(error) {}, func(ctx context.Context) error {
		if err := a.store.wait(ctx); err != nil {
			return err
		}
		r.query("DROP VIEW near_cap_lines")
		r.query("DROP VIEW line_forecast")
		r.query("DROP VIEW pool_forecast")
		asked("nothing known", false, false)
		a.fleet.Write(schema.Batch{Lines: []schema.Line{{LineKey: key, State: schema.LineActive, ObservedAt: r.sim.Now()}}})
		asked("a line that the database has not", false, false)
		r.query("INSERT INTO lines (source, contract_id, line_no, state, origin, observed_at) SELECT 'hq', '" + key.ContractID + "', '" + key.LineNo + "', 'active', 'list', now64(3)")
		asked("a line", true, false)
		a.fleet.Write(schema.Batch{Members: []schema.DataShareMember{{LineKey: key, Status: schema.ShareRegistered, Member: true, ObservedAt: r.sim.Now()}}})
		asked("a member of a group that the database has not", true, false)
		r.query("INSERT INTO data_share_members (source, contract_id, line_no, status, member, observed_at) SELECT 'hq', '" +
			key.ContractID + "', '" + key.LineNo + "', 'registered', true, now64(3)")
		asked("a member of a group", true, true)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	a.closeClients()
}
