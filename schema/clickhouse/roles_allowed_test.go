package clickhouse_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// views are all of them, the materialized ones left out: what they keep is in tables.
func views(t *testing.T) []string {
	t.Helper()
	relations, err := schema.Relations()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range relations {
		if r.View {
			names = append(names, r.Name)
		}
	}
	if len(names) < 7 {
		t.Errorf("views %v", names)
	}
	return names
}

// TestRolesWork: what each is there for, on a database that kaisen_migrator has made and kaisen_writer has filled. Views
// run with the rights of who asks, who needs those to the columns that are used; materialized ones as the engine.
func TestRolesWork(t *testing.T) {
	r := openRoles(t)
	var long []attempt // questions of whole views, which a protocol makes no difference to
	for _, name := range views(t) {
		long = append(long, same(0, "SELECT * FROM "+name, "SHOW CREATE VIEW "+name)...)
	}
	readers := same(0, "SELECT count() FROM lines", "SELECT name, comment FROM system.columns", "SELECT name FROM system.tables",
		"SHOW TABLES", "SHOW DATABASES", "SELECT name FROM system.databases", "SELECT name FROM system.functions", "SELECT name, value FROM system.settings",
		"SHOW GRANTS", "SELECT * FROM numbers(3)", "EXPLAIN SELECT source FROM lines")
	analysts := append(readers, same(0, "SELECT * FROM contracts", "SELECT payload FROM dead_letters", "SELECT old, new FROM line_changes", "SHOW CREATE TABLE lines",
		"DESCRIBE TABLE contracts", "SELECT count() FROM merge('kaisen', '^lines$')", "SELECT count() FROM system.parts",
		"SELECT count() FROM information_schema.tables", "SELECT count() FROM information_schema.columns")...)
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	questions := slices.Clone(long)
	for _, e := range examples {
		questions = append(questions, attempt{e.SQL, 0})
	}
	for user, protocol := range map[string]string{"analyst": "http", schema.RoleAnalyst: "clickhouse"} {
		r.try(t, user, analysts)
		r.tryOver(t, protocol, user, questions)
	}
	for user, protocol := range map[string]string{"grafana": "clickhouse", schema.RoleGrafana: "http"} {
		r.tryOver(t, protocol, user, long)
		r.try(t, user, append(readers, same(0, "SELECT line_no, old_shown, new_shown FROM line_changes FINAL",
			"SELECT * EXCEPT(note, authentication_id) FROM lines", "SELECT status, count() FROM ipoe_sites GROUP BY status")...))
	}
	r.try(t, schema.RoleWriter, append(append(same(0, "SELECT * FROM lines FINAL", "INSERT INTO lines (source) SELECT 'x'"),
		same(denied, "ALTER TABLE lines UPDATE note = '' WHERE 1", "DROP TABLE lines", "CREATE TABLE x (a UInt8) ENGINE = Memory",
			"SELECT * FROM url('http://127.0.0.1:1/', LineAsString)", "SELECT count() FROM system.users", "TRUNCATE TABLE lines", "OPTIMIZE TABLE lines")...), attempt{"SELECT * FROM file('/etc/passwd', LineAsString)", noFiles}))
	r.try(t, schema.RoleMigrator, append(append(same(0, "SELECT * FROM schema_migrations FINAL",
		"CREATE TABLE probe (a UInt8, at DateTime) ENGINE = MergeTree ORDER BY a", "ALTER TABLE probe ADD COLUMN b UInt8", "ALTER TABLE probe MODIFY TTL at + INTERVAL 1 DAY", "DROP TABLE probe",
		"CREATE OR REPLACE VIEW probes AS SELECT 1", "DROP VIEW probes"),
		same(denied, "CREATE TABLE x (a String) ENGINE = File(TSV)", "SELECT count() FROM system.users",
			"CREATE TABLE default.x (a UInt8) ENGINE = MergeTree ORDER BY a", "CREATE USER x", "DROP DATABASE kaisen")...), attempt{"SELECT * FROM file('/etc/passwd', LineAsString)", noFiles}))
	t.Run("the materialized views", func(t *testing.T) {
		if got := query(t, open(t, r.dsn("http", "grafana")), "SELECT (SELECT count() FROM traffic_latest), (SELECT count() FROM session_latest)"); strings.HasPrefix(got, "0") || strings.Contains(got, "\t0") {
			t.Errorf("rows %q", got)
		}
	})
	t.Run("grants are what the comments say", func(t *testing.T) { r.compareGrants(t) })
}

// compareGrants asks the database itself for every column, so that none is forgotten: one of personal data is refused
// to grafana, and any other is not, by whatever way.
func (r *roleDatabase) compareGrants(t *testing.T) {
	service := open(t, r.engine.Supervisor.DSN())
	want, got := map[string]bool{}, map[string]bool{}
	for _, column := range rowsOf(query(t, service, `SELECT table, name, comment FROM system.columns
WHERE database = 'kaisen' AND table NOT LIKE '%\_mv' AND table NOT IN ('contracts', 'dead_letters', 'schema_migrations')`)) {
		want[column[0]+"."+column[1]] = column[1] == "line_no" || !strings.Contains(column[2], "personal data")
	}
	conn := r.connect(t, "clickhouse", "grafana")
	hidden, shown := 0, map[string][]string{} // by table
	for column, may := range want {
		table, name, _ := strings.Cut(column, ".")
		if got[column] = may; may {
			shown[table] = append(shown[table], "`"+name+"`")
			continue
		}
		hidden++
		got[column] = r.mayRead(t, conn, table, "`"+name+"`")
	}
	for table, names := range shown {
		if r.mayRead(t, conn, table, strings.Join(names, ", ")) { // at once, because a view takes as long for one column as for all
			continue
		}
		for _, name := range names {
			got[table+"."+strings.Trim(name, "`")] = r.mayRead(t, conn, table, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || hidden < 30 || len(want) < 300 {
		t.Errorf("of %d columns %d hidden (-comments +grants):\n%s", len(want), hidden, diff)
	}
	for _, table := range []string{"contracts", "dead_letters", "schema_migrations"} {
		if c := code(t, conn, "SELECT count() FROM "+table); c != denied {
			t.Errorf("%s: code %d", table, c)
		}
	}
}

// mayRead reports whether columns of a table are not refused.
func (r *roleDatabase) mayRead(t *testing.T, conn driver.Conn, table, columns string) bool {
	t.Helper()
	refusal := code(t, conn, "SELECT "+columns+" FROM `"+table+"`")
	if refusal != 0 && refusal != denied {
		t.Errorf("%s of %s: code %d", columns, table, refusal)
	}
	return refusal == 0
}

// TestPersonalDataHasNoWayAround: a column that grafana may not read takes part in nothing.
func TestPersonalDataHasNoWayAround(t *testing.T) {
	r := openRoles(t)
	attempts := same(denied,
		"SELECT * FROM lines", "SELECT l.* FROM lines AS l", "SELECT * EXCEPT(line_no) FROM lines", "SELECT * REPLACE('' AS note) FROM lines", "SELECT COLUMNS('note') FROM lines",
		"SELECT untuple(tuple(*)) FROM lines", "SELECT note.size FROM lines", "SELECT count() FROM lines WHERE note = 'x'", "SELECT count() FROM lines PREWHERE note = 'x'",
		"SELECT line_no FROM lines ORDER BY note", "SELECT count() FROM lines GROUP BY note", "SELECT line_no FROM lines QUALIFY row_number() OVER (ORDER BY note) = 1",
		"SELECT count() FROM lines AS a JOIN lines AS b ON a.note = b.note", "SELECT a.line_no FROM lines AS a JOIN lines AS b USING (note)",
		"SELECT n FROM (SELECT note AS n FROM lines)", "WITH (SELECT any(note) FROM lines) AS x SELECT x", "SELECT source IN (SELECT note FROM lines) FROM lines",
		"SELECT line_no FROM lines WHERE exists(SELECT 1 FROM lines WHERE note = 'x')", "SELECT * FROM view(SELECT note FROM lines)",
		"SELECT note FROM merge('kaisen', '^lines$')", "SELECT count() FROM merge('kaisen', '.*')", "SELECT note FROM loop(kaisen.lines) LIMIT 1",
		"SELECT * FROM viewExplain('EXPLAIN', '', (SELECT note FROM lines))", "SELECT * FROM mergeTreeIndex('kaisen', 'lines', with_marks = true)",
		"SELECT * FROM mergeTreeIndex('kaisen', 'contracts')", "SELECT * FROM mergeTreeAnalyzeIndexes('kaisen', 'lines')",
		"EXPLAIN SELECT note FROM lines", "EXPLAIN PIPELINE SELECT note FROM lines", "EXPLAIN ESTIMATE SELECT note FROM lines", "EXPLAIN QUERY TREE SELECT (SELECT any(note) FROM lines)",
		"SELECT hasColumnInTable('kaisen', 'lines', 'note')", "SHOW CREATE TABLE lines", "DESCRIBE TABLE lines", "DESCRIBE TABLE contracts", "SHOW INDEX FROM lines",
		"SELECT 1 FROM contracts", "SELECT 1 FROM dead_letters", "SELECT old FROM line_changes", "SELECT count() FROM line_changes WHERE new = 'x'",
		"SELECT customer_name FROM ipoe_sites", "SELECT location_tel FROM ipoe_orders", "SELECT put_place_add FROM service_order_details",
		"SELECT count() FROM system.parts", "SELECT count() FROM system.parts_columns", "SELECT count() FROM information_schema.columns")
	for _, user := range []string{"grafana", schema.RoleGrafana} {
		r.try(t, user, attempts)
		for _, protocol := range protocols() {
			db := open(t, r.dsn(protocol, user))
			for sql, want := range map[string]string{
				"SELECT * FROM viewIfPermitted(SELECT note FROM lines ELSE null('note String'))":                                "",
				"SELECT count() FROM system.columns WHERE database = 'kaisen' AND name IN ('note', 'customer_name', 'payload')": "0\n",
				"SELECT count() FROM system.tables WHERE database = 'kaisen' AND name IN ('contracts', 'dead_letters')":         "0\n",
				"SELECT old_shown || new_shown FROM line_changes WHERE field = 'note'":                                          "\n",
			} {
				if got := query(t, db, sql); got != want {
					t.Errorf("%s %s: %q, want %q: %s", user, protocol, got, want, sql)
				}
			}
		}
	}
}
