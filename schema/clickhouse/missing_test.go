package clickhouse_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// migratedHTTP is migrated for a test that changes tables by hand, for which query needs HTTP.
func migratedHTTP(t *testing.T) *clickhouse.DB {
	t.Helper()
	db := open(t, chdbtest.StartHTTP(t))
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// sample is a batch of one traffic sample of a line.
func sample(line, minute int) schema.Batch {
	return schema.Batch{Traffic: logged(line, minute).Traffic}
}

// forms is the schema without how columns are packed, which a table that is made as another has from that other.
func forms(t *testing.T, db *clickhouse.DB) string {
	t.Helper()
	return regexp.MustCompile(` CODEC\((?:[^()]|\([^()]*\))*\)`).ReplaceAllString(definitions(t, db), "")
}

// A table or view that somebody drops is noticed, and made again as it was; the latest samples come back.
func TestWhatIsDroppedIsMadeAgain(t *testing.T) {
	db := migratedHTTP(t)
	want := forms(t, db)
	for n, name := range []string{"traffic_samples", "traffic_latest", "traffic_latest_mv", "session_latest", "lines", "line_status", "schema_migrations"} {
		before, after := sample(n, 0), sample(n, 1)
		if err := db.Insert(t.Context(), &before); err != nil {
			t.Fatal(err)
		}
		query(t, db, "DROP TABLE "+name)
		if gone, err := db.Gone(t.Context()); err != nil || !slices.Equal(gone, []string{name}) {
			t.Errorf("%s was dropped, gone are %v, %v", name, gone, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if gone, err := db.Gone(t.Context()); err != nil || len(gone) > 0 {
			t.Errorf("%s: after Migrate gone are %v, %v", name, gone, err)
		}
		if diff := cmp.Diff(want, forms(t, db)); diff != "" {
			t.Errorf("%s was dropped (-schema before +after):\n%s", name, diff)
		}
		if err := db.Insert(t.Context(), &after); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := query(t, db, "SELECT max(observed_at) = (SELECT max(observed_at) FROM traffic_samples) FROM traffic_latest"); got != "1\n" {
			t.Errorf("%s was dropped, and traffic_latest does not have what came then", name)
		}
	}
}

// What came while the view was gone is in the table of the latest once it is back.
func TestLatestComesBack(t *testing.T) {
	db := migratedHTTP(t)
	query(t, db, "DROP VIEW traffic_latest_mv")
	for minute := range 3 {
		batch := sample(1, minute)
		batch.Append(sample(2, minute))
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, db, "SELECT line_no, dateDiff('minute', toDateTime64("+itoa(int(base.Unix()))+", 3), observed_at) FROM traffic_latest ORDER BY line_no"); got != key(1).LineNo+"\t2\n"+key(2).LineNo+"\t2\n" {
		t.Errorf("the latest: %s", got)
	}
}

// A database that somebody drops while it is in use is made again by those who may.
func TestDroppedDatabase(t *testing.T) {
	dsn := chdbtest.StartHTTP(t)
	db := openWith(t, clickhouse.Config{DSN: dsn + "_dropped", CreateDatabase: true, Retention: clickhouse.Retention{Samples: 24 * time.Hour}})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := definitions(t, db)
	other := open(t, dsn)
	query(t, other, "DROP DATABASE "+dsn[strings.LastIndexByte(dsn, '/')+1:]+"_dropped")
	batch := sample(1, 1)
	if err := db.Insert(t.Context(), &batch); !clickhouse.IsMissing(err) {
		t.Errorf("insert without a database: %v", err)
	}
	if gone, err := db.Gone(t.Context()); err != nil || len(gone) != 1 || !strings.HasPrefix(gone[0], "database test_") {
		t.Errorf("gone are %v, %v", gone, err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := definitions(t, db); got != want {
		t.Errorf("the schema differs:\n%s", got)
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Error(err)
	}
}
