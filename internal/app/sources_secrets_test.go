package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"kaisen/collector/ipoe"
	ipoeapi "kaisen/collector/ipoe/api"
	"kaisen/collector/serviceorder"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// Nothing secret that the carrier sends or was sent is in any table, in the log at its most talkative,
// in the metrics or on the page: not after good answers, and not after answers that cannot be read, which are kept.
func TestNoSecretIsKeptShownOrLogged(t *testing.T) {
	t.Parallel()
	r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) {
		c.Lines, c.ShareLines, c.IPoESites = 20, 4, 80
	})
	unomAccount := r.config().Sources[0]
	r.cfg.Sources = append(r.cfg.Sources, unomAccount, r.account(serviceorder.Kind()))
	if _, err := ipoeapi.New(r.dial()).CreateOrder(t.Context(), newSite("1-1-5-2-1")); err != nil {
		t.Fatal(err)
	}
	log := new(liveLog)
	sweep := func(forecast bool) {
		a, err := New(r.cfg, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Options{Kinds: kinds.All(), Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if forecast {
			_, _ = a.Sweep(t.Context())
		} else {
			_, _ = a.sweep(t.Context(), nil)
		}
		r.tellsNoSecret(log.String())
	}
	sweep(true)
	for _, faults := range []string{"malformed:0.5", "html:0.5", "oversize:0.2", "500:0.3,cut:0.2"} {
		r.advance(25 * time.Hour)
		if err := r.sim.SetFaults(faults); err != nil {
			t.Fatal(err)
		}
		sweep(false)
	}
	if err := r.sim.SetFaults(""); err != nil {
		t.Fatal(err)
	}
	if found := r.query("SELECT count(), countIf(payload LIKE '%lineAccessKey%***%') FROM dead_letters WHERE source = 'ipoe'"); strings.HasPrefix(found[0], "0") || strings.HasSuffix(found[0], "\t0") {
		t.Errorf("dead letters %s: none holds a hidden secret, the test proves nothing", found)
	}
	r.query("OPTIMIZE TABLE ipoe_sites FINAL")
	address := run(t, r.app())
	r.eventually("every account is watched", func() bool {
		text := get(t, address+"/metrics")
		return strings.Contains(text, `api="ipoe"`) && strings.Contains(text, `api="serviceorder"`) && strings.Contains(text, "kaisen_line_month_bytes{")
	})
	r.tellsNoSecret(log.String() + get(t, address+"/metrics") + get(t, address+"/"))
}

// tellsNoSecret looks in a text and in every table.
func (r *fixture) tellsNoSecret(text string) {
	r.t.Helper()
	_, clientSecret := r.sim.Credentials()
	secrets := append(r.sim.Secrets(), clientSecret)
	if len(secrets) < 200 {
		r.t.Fatalf("%d secrets: the test proves nothing", len(secrets))
	}
	tables := r.dump()
	if !strings.Contains(tables, "int-10000001") || !strings.Contains(tables, "CAF1000000000") {
		r.t.Fatal("the dump of the tables lacks what it should have")
	}
	for _, secret := range secrets {
		if where := finds(text, secret); where != "" {
			r.t.Fatalf("a secret is told behind %q", where)
		}
		if where := finds(tables, secret); where != "" {
			r.t.Fatalf("a secret is stored behind %q", where)
		}
	}
}
