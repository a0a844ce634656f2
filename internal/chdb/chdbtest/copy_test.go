package chdbtest

import (
	"errors"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// prepare makes a table with rows, two without, and views that copy from two of them to the third.
func prepare(dsn string) error {
	dsn = shared.engine.HTTP(dsn)
	var all error
	for _, sql := range []string{
		"CREATE TABLE a (n UInt64) ENGINE = MergeTree ORDER BY n", "CREATE TABLE b (n UInt64) ENGINE = MergeTree ORDER BY n",
		"CREATE TABLE r (n UInt64) ENGINE = MergeTree ORDER BY n", "INSERT INTO r SELECT 1",
		"CREATE MATERIALIZED VIEW a_to_b TO b AS SELECT n FROM a", "CREATE MATERIALIZED VIEW r_to_b TO b AS SELECT n FROM r", "CREATE VIEW v AS SELECT n FROM b",
	} {
		_, err := AskHTTP(dsn, sql)
		all = errors.Join(all, err)
	}
	return all
}

// What a test does with its database, the next one does not see.
func TestCopiesAreAsNew(t *testing.T) {
	var database string // that all tests get, because none runs beside another
	look := func(t *testing.T) (dsn, seen string) {
		dsn = StartHTTPFrom(t, prepare)
		name := dsn[strings.LastIndexByte(dsn, '/')+1:]
		if database == "" {
			database = name
		}
		if name != database {
			t.Errorf("database %s, want %s again", name, database)
		}
		for _, sql := range []string{
			"SELECT name, create_table_query, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name",
			"SELECT table, name FROM system.parts WHERE database = currentDatabase() AND active ORDER BY ALL",
			"SELECT count() FROM system.mutations WHERE database = currentDatabase()", "SELECT count() FROM system.detached_parts WHERE database = currentDatabase()",
			"SELECT n FROM a", "SELECT n FROM r", "SELECT n FROM v", "INSERT INTO a SELECT 2", "INSERT INTO r SELECT 3", "SELECT n FROM v ORDER BY n",
		} {
			answer, err := AskHTTP(dsn, sql)
			if err != nil {
				t.Fatal(err)
			}
			seen += answer
		}
		return dsn, seen
	}
	var first string
	t.Run("new", func(t *testing.T) { _, first = look(t) })
	if first == "" {
		t.Fatal("nothing seen")
	}
	for _, sql := range []string{
		"SELECT 1", "INSERT INTO a SELECT 3", "DROP TABLE r", "TRUNCATE TABLE r", "ALTER TABLE a ADD COLUMN m UInt8", "ALTER TABLE b MODIFY TTL toDateTime(n)", "DROP TABLE a", "DROP VIEW v",
		"DROP VIEW a_to_b", "CREATE OR REPLACE VIEW v AS SELECT n + 1 AS n FROM b", "CREATE TABLE c (n UInt64) ENGINE = Memory", "RENAME TABLE b TO d",
		"EXCHANGE TABLES a AND b", "ALTER TABLE a DELETE WHERE 1", "ALTER TABLE a DETACH PARTITION tuple()", "ALTER TABLE v MODIFY COMMENT 'seen'",
	} {
		t.Run(sql, func(t *testing.T) {
			dsn, _ := look(t)
			if _, err := AskHTTP(dsn, sql); err != nil {
				t.Error(err)
			}
		})
		t.Run("after "+sql, func(t *testing.T) {
			if _, seen := look(t); seen != first {
				t.Errorf("seen %s\nwhere the first saw %s", seen, first)
			}
		})
	}
}

// A database that a test has dropped is another one for the next.
func TestCopiesOutliveTheirDrop(t *testing.T) {
	for range 2 {
		t.Run("", func(t *testing.T) {
			dsn := StartHTTPFrom(t, prepare)
			if _, err := AskHTTP(dsn, "DROP DATABASE "+dsn[strings.LastIndexByte(dsn, '/')+1:]); err != nil {
				t.Error(err)
			}
		})
	}
	if answer, err := AskHTTP(StartHTTPFrom(t, prepare), "SELECT n FROM r"); answer != "1\n" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
}

// Tests that run at once have a database each, and what one still asks at its end does not reach the next.
func TestCopiesAreOfOneTest(t *testing.T) {
	ended := make(chan error, 1)
	t.Run("asking", func(t *testing.T) {
		dsn := StartHTTPFrom(t, prepare)
		if other := StartHTTPFrom(t, prepare); other == dsn {
			t.Errorf("two databases are %s", other)
		}
		go func() {
			_, err := AskHTTP(dsn, "INSERT INTO b SELECT number + sleepEachRow(1) FROM numbers(100) SETTINGS max_block_size = 1")
			ended <- err
		}()
		for answer := ""; answer != "1\n"; {
			var err error
			if answer, err = AskHTTP(dsn, "SELECT count() FROM system.processes WHERE query LIKE 'INSERT%sleepEachRow%'"); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("next", func(t *testing.T) {
		for range 2 {
			if answer, err := AskHTTP(StartHTTPFrom(t, prepare), "SELECT n FROM v"); answer != "" || err != nil {
				t.Errorf("%q, %v", answer, err)
			}
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "QUERY_WAS_CANCELLED") {
			t.Errorf("the question of the test before: %v", err)
		}
	})
}
