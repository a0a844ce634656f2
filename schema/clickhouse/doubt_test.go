package clickhouse_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// A server that is killed at an insert may have noted the insert's token and not its rows. They get there when they are sent again, by the
// same kaisen and by the next one; rows that are there do not get there twice. These servers lose rows by a mutation, which
// leaves the tokens.

// TestInsertsThatWereCutOff has rows taken without an answer, and then lost or not.
func TestInsertsThatWereCutOff(t *testing.T) {
	dsn := chdbtest.StartFrom(t, migrate)
	direct := open(t, dsn)
	rowsOf := func(source string) schema.Batch {
		all := rowsFor(t, direct, source)
		return schema.Batch{Traffic: all.Traffic, Daily: all.Daily, Lines: all.Lines}
	}
	once := rowsOf("once")
	if err := direct.Insert(t.Context(), &once); err != nil {
		t.Fatal(err)
	}
	for source, loses := range map[string]bool{"kept": false, "lost": true} {
		t.Run(source, func(t *testing.T) {
			db := open(t, deafOnce(t, dsn))
			batch := rowsOf(source)
			tables, failed := tablesWithRows(batch), 0
			for {
				err := db.Insert(t.Context(), &batch)
				if err == nil {
					break
				}
				var insert *clickhouse.InsertError
				if failed++; !errors.As(err, &insert) || failed > len(tables) {
					t.Fatal(err)
				}
				if got := query(t, direct, "SELECT count() > 0 FROM "+insert.Table+" WHERE source = '"+source+"'"); got != "1\n" {
					t.Fatalf("%s: the proxy did not hand the rows on: %q, after %v", insert.Table, got, err)
				}
				if loses {
					lose(t, direct, insert.Table, "source = '"+source+"'")
				}
			}
			if failed != len(tables) {
				t.Errorf("%d tables failed, want all %d", failed, len(tables))
			}
			for table, rows := range contents(t, direct) {
				if got := strings.Count(rows, source+"\t"); got != strings.Count(rows, "once\t") {
					t.Errorf("%s has %d rows, not %d:\n%s", table, got, strings.Count(rows, "once\t"), rows)
				}
			}
		})
	}
}

// TestTheNextKaisenSendsWhatWasCutOff has lost what an earlier process sent last, of which the next one knows nothing.
func TestTheNextKaisenSendsWhatWasCutOff(t *testing.T) {
	dsn := chdbtest.StartFrom(t, migrate)
	before := open(t, dsn)
	batch := rowsFor(t, before, "source")
	var months []schema.TrafficSample
	for i := range 5 {
		sample := batch.Traffic[0]
		sample.ObservedAt = time.Date(2026, time.Month(3+i), 1, 3, 0, 0, 0, time.UTC)
		months = append(months, sample)
	}
	batch.Traffic = append(months, batch.Traffic...)
	if err := before.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	whole := contents(t, before)
	for table := range whole {
		if table != "traffic_samples" {
			lose(t, before, table, "1")
		}
	}
	lose(t, before, "traffic_samples", "toMonth(observed_at) = 5")

	after := open(t, dsn)
	if err := after.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	if got := query(t, after, "SELECT count() FROM traffic_samples FINAL WHERE toMonth(observed_at) = 5"); got != "1\n" {
		t.Errorf("%s samples of May", got)
	}
	there := contents(t, after)
	there["traffic_samples"] = query(t, after, "SELECT * FROM traffic_samples FINAL ORDER BY ALL") // the other months were sent again, too
	if diff := cmp.Diff(whole, there); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
}

// deafOnce is the address of a proxy before the engine that loses the answer to the first insert into each table.
func deafOnce(t *testing.T, dsn string) string {
	t.Helper()
	target, err := url.Parse(chdbtest.HTTP(t, dsn))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	heard := map[string]bool{}
	forward := chdbtest.Forward(target.Host)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sql := r.URL.Query().Get("query")
		mu.Lock()
		isDeaf := strings.Contains(sql, "INSERT INTO") && !heard[sql]
		heard[sql] = true
		mu.Unlock()
		if isDeaf {
			forward.ServeHTTP(unheard{w}, r)
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	target.Host = proxy.Listener.Addr().String()
	return target.String()
}

// unheard takes an answer that nobody gets.
type unheard struct{ http.ResponseWriter }

func (unheard) Write(p []byte) (int, error)   { return len(p), nil }
func (unheard) WriteHeader(int)               {}
func (w unheard) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// lose takes rows out of a table, and leaves the tokens of their inserts, which would go with a part that is empty.
func lose(t *testing.T, db *clickhouse.DB, table, where string) {
	t.Helper()
	query(t, db, "ALTER TABLE "+table+" MODIFY SETTING remove_empty_parts = 0")
	query(t, db, "ALTER TABLE "+table+" DELETE WHERE "+where+" SETTINGS mutations_sync = 2")
}

// tablesWithRows are those that a batch has rows of.
func tablesWithRows(b schema.Batch) (names []string) {
	for _, part := range b.Parts() {
		if part.Rows.Len() > 0 {
			names = append(names, part.Table)
		}
	}
	return names
}
