package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/config"
	"kaisen/internal/simulator"
)

// TestAContractIsTakenOut: from the reload on nobody asks about it and nothing shows it, its lines have left the inventory, and
// what was stored of it stays; the other contract goes on, and when it is put back it is watched again.
func TestAContractIsTakenOut(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Start, c.Speed = time.Now(), 1 })
	d, both := r.newDoor(), r.sim.Contracts()
	s := r.serve(r.through(d, "hq", both...))
	labels := func(contract string) string { return `source="hq",contract_id="` + contract + `"` }
	s.gauged(labels(both[0]))
	s.gauged(labels(both[1]))
	s.take(s.with(r.through(d, "hq", both[0])))
	asked, others := d.seen(both[1]), d.seen(both[0])
	s.gone(both[1])
	if page := get(t, s.address+"/"); strings.Contains(page, both[1]) {
		t.Error("the page has the contract still")
	}
	if len(s.shown("kaisen_line_month_bytes{"+labels(both[0]))) == 0 {
		t.Error("the gauges of the other contract are gone")
	}
	if err := s.app.outbox.Flush(t.Context()); err != nil { // what was answered before may be on its way still
		t.Fatal(err)
	}
	const samples = "SELECT count() FROM traffic_samples FINAL WHERE contract_id = '%'"
	history := r.query(strings.ReplaceAll(samples, "%", both[1]))
	s.eventually("the other contract is asked about again and again", func() bool { return d.seen(both[0]) > others+60 })
	if again := d.seen(both[1]); again != asked {
		t.Errorf("%d requests for a contract that was taken out", again-asked)
	}
	const states = "SELECT DISTINCT contract_id, state FROM lines FINAL ORDER BY ALL"
	s.eventually("its lines are removed", func() bool {
		return slices.Equal(r.query(states), []string{both[0] + "\tactive", both[1] + "\tremoved"})
	})
	if now := r.query(strings.ReplaceAll(samples, "%", both[1])); history[0] == "0" || !slices.Equal(now, history) {
		t.Errorf("%s samples of it, had %s", now, history)
	}
	if told := r.query("SELECT count() FROM line_changes WHERE contract_id = '" + both[1] + "' AND new = 'removed'"); told[0] == "0" {
		t.Error("no change of its lines is told")
	}
	if !strings.Contains(s.log.String(), "taken out of the contracts of its source") {
		t.Errorf("the reason is not logged:\n%s", s.log)
	}
	s.take(s.with(r.through(d, "hq", both...)))
	s.gauged(labels(both[1]))
	s.eventually("its lines are back", func() bool {
		return slices.Equal(r.query(states), []string{both[0] + "\tactive", both[1] + "\tactive"})
	})
}

// TestAContractMoves to an account that is new: that one alone asks about it; and a source that is taken out is gone.
func TestAContractMoves(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	before, after, both := r.newDoor(), r.newDoor(), r.sim.Contracts()
	s := r.serve(r.through(before, "hq", both...))
	s.gauged(`source="hq",contract_id="` + both[1] + `"`)
	s.take(s.with(r.through(before, "hq", both[0]), r.through(after, "branch", both[1])))
	asked := before.seen(both[1])
	s.gauged(`source="branch",contract_id="` + both[1] + `"`)
	s.eventually("the new account asks again and again", func() bool { return after.seen(both[1]) > 60 })
	if again := before.seen(both[1]); again != asked {
		t.Errorf("the old account has asked %d times more", again-asked)
	}
	if after.seen(both[0]) > 0 {
		t.Error("the new account asks for what it has not")
	}
	const states = "SELECT DISTINCT source, contract_id, state FROM lines FINAL ORDER BY ALL"
	s.eventually("its lines are the new account's", func() bool {
		return slices.Equal(r.query(states), []string{"branch\t" + both[1] + "\tactive", "hq\t" + both[0] + "\tactive", "hq\t" + both[1] + "\tremoved"})
	})
	if !strings.Contains(s.log.String(), "it is a contract of source branch now") {
		t.Errorf("the reason is not logged:\n%s", s.log)
	}

	s.take(s.with(r.through(after, "branch", both[1])))
	asked = before.seen("")
	s.gone(`source="hq"`)
	s.eventually("its lines are removed", func() bool { return slices.Contains(r.query(states), "hq\t"+both[0]+"\tremoved") })
	if again := before.seen(""); again != asked {
		t.Errorf("%d requests of an account that is gone", again-asked)
	}
}

// TestASecretIsRotated: the carrier takes the old one no more, nor what it gave out for it. The new one is taken with a reload,
// and from its file without; the account is not begun anew, and all its lines have answers again.
func TestASecretIsRotated(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	d, file := r.newDoor(), filepath.Join(t.TempDir(), "hq")
	write := func(secret string) {
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := r.through(d, "hq", r.sim.Contracts()...)
	inline := func(secret string) config.Source {
		source.ClientSecret, source.ClientSecretFile = config.NewSecret(secret), ""
		return source
	}
	answered := func(secret string) {
		t.Helper()
		since := time.Now().UTC().Format("2006-01-02 15:04:05.000")
		s := "SELECT uniqExact(line_no) FROM traffic_samples WHERE received_at > toDateTime64('" + since + "', 3, 'UTC')"
		r.eventually("all lines have answers by secret "+secret, func() bool { return r.query(s)[0] == "30" })
	}
	d.rotate("the-first")
	s := r.serve(inline("the-first"))
	answered("the-first")

	d.rotate("the-second")
	s.take(s.with(inline("the-second")))
	answered("the-second")

	write("the-second")
	source.ClientSecret, source.ClientSecretFile = config.Secret{}, file
	s.take(s.with(source))
	d.rotate("the-third")
	write("") // a program that writes it in two steps
	s.eventually("what is no secret is not taken", func() bool { return strings.Contains(s.log.String(), "cannot be read") })
	const unread = "the secret of source hq cannot be read"
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.eventually("the page says so", func() bool {
		ready := get(t, s.address+"/-/ready")
		return strings.Contains(ready, unread) && strings.Contains(ready, "no such file")
	})
	write("the-third")
	answered("the-third")
	if ready := get(t, s.address+"/-/ready"); !strings.Contains(ready, "kaisen is ready") || strings.Contains(ready, unread) {
		t.Error(ready)
	}
	if log := s.log.String(); strings.Count(log, "started=[] stopped=[] unchanged=1") != 2 || strings.Contains(log, "the-") {
		t.Errorf("the account began anew, or its secret is in the log:\n%s", log)
	}
}

// TestAReloadIsRefusedWhole where anything is wrong with it: what can change does not either, each key is named, and the service
// goes on.
func TestAReloadIsRefusedWhole(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	d, both := r.newDoor(), r.sim.Contracts()
	s := r.serve(r.through(d, "hq", both...))
	s.gauged(`source="hq"`)
	value := func(metric string) string { return strings.TrimSpace(strings.Join(s.shown(metric), "")) }
	for name, step := range map[string]struct {
		edit  func(*config.Config)
		named []string
	}{
		"fixed keys": {func(c *config.Config) {
			c.Exporter.Listen, c.Store.Spool, c.Collector.Shard, c.TimeZone = "127.0.0.1:1", "/elsewhere", "1/2", "UTC"
		}, []string{"exporter.listen", "store.spool", "collector.shard", "time_zone"}},
		"web configuration": {func(c *config.Config) { c.Exporter.WebConfigFile = "/missing.yml" }, []string{"exporter.web_config_file"}},
		"no source":         {func(c *config.Config) { c.Sources = nil }, []string{"sources"}},
		"a source of no kind": {func(c *config.Config) {
			c.Sources = append(c.Sources, config.Source{Name: "new", Kind: "nothing", ClientID: "x", ClientSecret: config.NewSecret("y")})
		}, []string{"source new"}},
	} {
		next := s.with(r.through(d, "hq", both[0])) // which alone would be taken
		step.edit(next)
		err := s.reload(next)
		if err == nil {
			t.Fatalf("%s: taken", name)
		}
		for _, key := range step.named {
			if !strings.Contains(err.Error(), key) || !strings.Contains(s.log.String(), key) {
				t.Errorf("%s: %s is not named: %v", name, key, err)
			}
		}
		if got := value("kaisen_config_last_reload_successful"); got != "kaisen_config_last_reload_successful 0" {
			t.Errorf("%s: %q", name, got)
		}
		if !strings.Contains(get(t, s.address+"/-/ready"), "the last configuration was refused") {
			t.Errorf("%s: readiness does not tell", name)
		}
		asked := d.seen(both[1])
		s.eventually("after "+name+" all is asked about still", func() bool { return d.seen(both[1]) > asked+20 })
	}
	wrong := errors.New("configuration: 1 mistake")
	if err := s.app.Reload(t.Context(), func() (*config.Config, error) { return nil, wrong }); !errors.Is(err, wrong) {
		t.Errorf("an invalid configuration: %v", err)
	}
	s.take(s.with(r.through(d, "hq", both...)))
	if got := value("kaisen_config_last_reload_successful"); got != "kaisen_config_last_reload_successful 1" {
		t.Errorf("after all is well: %q", got)
	}
}

// TestReloadsKeepToTheRate: ten in a row, each of which begins the account anew, let no more through than one account may send.
func TestReloadsKeepToTheRate(t *testing.T) {
	const rate, burst = 20., 5
	r := newFixture(t, nil)
	d, both := r.newDoor(), r.sim.Contracts()
	source := func(contracts ...string) config.Source {
		limited := r.through(d, "hq", contracts...)
		limited.RateLimit = config.RateLimit{RequestsPerSecond: rate, Burst: burst, MaxInFlight: 4}
		return limited
	}
	s := r.serve(source(both...))
	s.eventually("it asks", func() bool { return d.seen("") > 20 })
	for i := range 10 {
		s.take(s.with(source(both[:1+i%2]...)))
	}
	asked := d.seen("")
	s.eventually("it goes on", func() bool { return d.seen("") > asked+20 })
	d.mu.Lock()
	defer d.mu.Unlock()
	const jitter = 50 * time.Millisecond // between leaving and being noted
	for i := range d.times {
		for j := i + 1; j < len(d.times); j++ {
			window := d.times[j].Sub(d.times[i]) + jitter
			if n, most := j-i+1, burst+1+rate*window.Seconds(); float64(n) > most {
				t.Fatalf("%d requests within %s, at most %.1f are allowed", n, window, most)
			}
		}
	}
	tokens := 0
	for _, path := range d.paths {
		if strings.HasSuffix(path, "/accesstokens") {
			tokens++
		}
	}
	if tokens != 1 {
		t.Errorf("%d tokens were asked for, one does for all", tokens)
	}
}

// TestASourceIsTakenOutWhileKaisenIsStopped: at the next start its lines leave the inventory, but not those of a source that
// another process has written.
func TestASourceIsTakenOutWhileKaisenIsStopped(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	d, both := r.newDoor(), r.sim.Contracts()
	const states = "SELECT DISTINCT source, state FROM lines FINAL ORDER BY ALL"
	for _, step := range []struct {
		spool   string
		sources []config.Source
		want    []string
	}{
		{t.TempDir(), []config.Source{r.through(d, "other", both[0])}, []string{"other\tactive"}},
		{r.cfg.Store.Spool, []config.Source{r.through(d, "hq", both[0]), r.through(d, "branch", both[1])}, []string{"branch\tactive", "hq\tactive", "other\tactive"}},
		{r.cfg.Store.Spool, []config.Source{r.through(d, "hq", both[0])}, []string{"branch\tremoved", "hq\tactive", "other\tactive"}},
	} {
		r.cfg.Store.Spool, r.cfg.Sources = step.spool, step.sources
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		a := r.app()
		go func() { ended <- a.Run(ctx) }()
		r.eventually(strings.Join(step.want, ", "), func() bool { return slices.Equal(r.query(states), step.want) })
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// TestASourceIsPutBackAtOnce: whatever a reload had begun to take out ends before the next one is in force, so that the last that is
// told of a line of a source that is back is that it is.
func TestASourceIsPutBackAtOnce(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	d, both := r.newDoor(), r.sim.Contracts()
	s := r.serve(r.through(d, "hq", both...))
	s.gauged(`source="hq",contract_id="` + both[1] + `"`)
	for range 4 {
		s.take(s.with(r.through(d, "tokyo", both...)))
		s.take(s.with(r.through(d, "hq", both...)))
	}
	s.eventually("the last renamed source is out", func() bool {
		return slices.Equal(r.query("SELECT DISTINCT source, state FROM lines FINAL ORDER BY ALL"), []string{"hq\tactive", "tokyo\tremoved"}) ||
			slices.Equal(r.query("SELECT DISTINCT source, state FROM lines FINAL ORDER BY ALL"), []string{"hq\tactive"})
	})
	const last = "SELECT source, new, count() FROM (SELECT source, line_no, argMax(new, observed_at) AS new FROM line_changes " +
		"WHERE field = 'state' AND source = 'hq' GROUP BY ALL) WHERE new = 'removed' GROUP BY ALL"
	asked := d.seen(both[1])
	s.eventually("the lines are asked about again and again", func() bool { return d.seen(both[1]) > asked+60 })
	if wrong := r.query(last); len(wrong) > 0 {
		t.Errorf("the last that is told of lines of hq: %q", wrong)
	}
}
