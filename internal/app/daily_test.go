package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// However often kaisen is started in a day, it asks no more than rate_limit.daily_requests: three sweeps, of which one would
// have done with more.
func TestTheDaysRequestsOutliveKaisen(t *testing.T) {
	r := newFixture(t, func(cfg *simulator.Config) { // of the day that it is here: the first requests go by our own clock
		year, month, day := time.Now().In(tokyo(t)).Date()
		cfg.Start = time.Date(year, month, day, 12, 0, 0, 0, tokyo(t))
	})
	const most = 60
	r.cfg.Sources[0].RateLimit.DailyRequests = most
	for n := range 3 {
		_, err := r.appWith(Options{Kinds: kinds.All(), Version: "test", Once: true}).Sweep(t.Context())
		if asked := r.sim.Stats().Total; asked > most || n > 0 && asked < most {
			t.Errorf("%d requests after %d sweeps, want %d at most", asked, n+1, most)
		}
		if err == nil || !strings.Contains(err.Error(), "the requests of the day are used up") {
			t.Errorf("sweep %d: %v", n, err)
		}
	}
	if failed := r.query("SELECT sum(failed) FROM sweeps"); failed[0] != "0" {
		t.Errorf("%s items failed", failed[0])
	}
}

// POST /-/poll asks the carrier, and the answer has what the carrier says now.
func TestPollAsksTheCarrier(t *testing.T) {
	r := newFixture(t, nil)
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	r.cfg.Exporter.WebConfigFile = filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(r.cfg.Exporter.WebConfigFile, []byte("basic_auth_users: {ops: "+string(hash)+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for job, settings := range r.cfg.Sources[0].Jobs {
		if settings.Interval = 0; job == "lines" {
			continue
		}
		r.cfg.Sources[0].Jobs[job] = settings // nothing asks about a line but the poll
	}
	a := r.app()
	address := run(t, a)
	r.eventually("the lines are known", func() bool { return a.ready() == nil })
	line := r.query("SELECT source, contract_id, line_no FROM lines FINAL LIMIT 1")
	r.eventually("a line is stored", func() bool {
		line = r.query("SELECT line_no FROM lines FINAL ORDER BY line_no LIMIT 1")
		return len(line) == 1
	})
	post := func(password string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/-/poll?line="+line[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			req.SetBasicAuth("ops", password)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp
	}
	before := r.sim.Stats().Requests["traffic"]["200"]
	if got := post("").StatusCode; got != http.StatusUnauthorized {
		t.Errorf("without a password: %d", got)
	}
	if got := post("secret").StatusCode; got != http.StatusOK {
		t.Errorf("with one: %d", got)
	}
	if after := r.sim.Stats().Requests["traffic"]["200"]; after != before+1 {
		t.Errorf("call 03 was asked %d times", after-before)
	}
	r.eventually("the answer is stored", func() bool { return r.query("SELECT count() FROM traffic_samples WHERE scope = 'line'")[0] == "1" })
}
