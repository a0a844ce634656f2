package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/spool"
)

// A sweep does not wait without end for a database that cannot be used, and not at all for one that refuses it; what waits in the
// spool stays there.
func TestASweepGivesTheDatabaseUp(t *testing.T) {
	r := newFixture(t, nil)
	target, err := url.Parse(r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	forward := chdbtest.Forward(target.Host)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.URL.Query().Get("query"), "INSERT") {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		forward.ServeHTTP(w, req)
	}))
	t.Cleanup(proxy.Close)
	takesNothing, stranger := *target, *target
	takesNothing.Host = proxy.Listener.Addr().String()
	stranger.User = url.UserPassword("stranger", "hunter2-hunter2")
	for _, test := range []struct {
		name, dsn, before string
		give              time.Duration
		want              string
	}{
		{"a closed port", "http://kaisen@127.0.0.1:1/kaisen", "", 300 * time.Millisecond, "the database cannot be used: ClickHouse at 127.0.0.1:1: "},
		{"a wrong password", stranger.String(), "", time.Hour, "the database cannot be used: "},
		{"takes no rows", takesNothing.String(), "", 300 * time.Millisecond, "the database takes no rows, they wait in the spool: "},
		{"a later kaisen", r.dsn, "INSERT INTO schema_migrations (version, name) VALUES (9999, '9999_later.sql')", time.Hour, "the database belongs to a later kaisen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.before != "" {
				r.query(test.before)
			}
			r.cfg.Store.DSN, r.cfg.Store.Spool = config.NewDSN(test.dsn), t.TempDir()
			a := r.appWith(Options{Kinds: kinds.All(), Version: "test", Once: true})
			if a.store.give != GiveUpAfter {
				t.Errorf("a sweep gives up after %s", a.store.give)
			}
			a.store.give = test.give
			a.restoreWait = 100 * time.Millisecond
			drain := spoolConfig(r.cfg.Store, "sweep", a.store.tables)
			drain.DrainTimeout = 100 * time.Millisecond
			a.outbox.Outbox = spool.New(drain, spoolStore(a.outbox.insert), spool.NewMetrics(prometheus.NewRegistry()), a.log)
			_, err := a.Sweep(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("ended with %v, want %q", err, test.want)
			}
			if names, err := spool.Names(r.cfg.Store.Spool); test.name == "takes no rows" && (err != nil || len(names) != 1) {
				t.Errorf("spools are %v, error %v", names, err)
			}
		})
	}
}
