package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// The codes of the errors for a table, or a database, that is not there.
const (
	codeUnknownTable    = 60
	codeUnknownDatabase = 81
)

// IsMissing reports whether an error is for a table or a database that is not there: somebody has dropped it.
func IsMissing(err error) bool {
	return hasCode(err, codeUnknownTable) || hasCode(err, codeUnknownDatabase)
}

// Gone lists what migrations have made and somebody has dropped: tables and views, in the order in which they are made,
// or the history of the migrations, or the whole database. Migrate makes it again.
func (db *DB) Gone(ctx context.Context) ([]string, error) {
	steps, err := Steps(db.layout)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range db.servers() {
		gone, err := s.gone(ctx, steps)
		switch {
		case err != nil:
			return nil, s.blame(err)
		case slices.Contains(gone, HistoryTable):
			return gone, nil // that includes all others
		}
		all = append(all, s.prefixed(gone)...)
	}
	return all, nil
}

// gone is the same for one server.
func (db *DB) gone(ctx context.Context, steps []schema.Migration) ([]string, error) {
	taken, err := db.taken(ctx)
	switch {
	case hasCode(err, codeUnknownDatabase):
		return []string{"database " + db.options.Auth.Database}, nil
	case err != nil:
		return nil, fmt.Errorf("schema version: %w", brief(err))
	case len(taken) == 0:
		return []string{HistoryTable}, nil
	}
	return db.missing(ctx, steps, taken)
}

// missing lists the tables and views that the steps taken have made and that are not there.
func (db *DB) missing(ctx context.Context, steps []schema.Migration, taken map[int]string) ([]string, error) {
	made := made(steps, taken)
	if len(made) == 0 {
		return nil, nil
	}
	rows, err := db.conn.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("tables: %w", err)
		}
		there[name] = true
	}
	return slices.DeleteFunc(made, func(name string) bool { return there[name] }), rows.Err()
}

// made are the tables and views that the steps taken have made, and none that a step to come makes anew: after a migration that failed
// half way it may not be there.
func made(steps []schema.Migration, taken map[int]string) (made []string) {
	for _, step := range withoutReplaced(steps) {
		if _, done := taken[step.Version]; done {
			made = changed(made, step.Statements)
		}
	}
	return made
}

// changed is which tables and views there are after some statements.
func changed(there, statements []string) []string {
	form := regexp.MustCompile(`^(CREATE|DROP) (?:OR REPLACE )?(?:MATERIALIZED )?(?:TABLE|VIEW) (?:IF (?:NOT )?EXISTS )?(\w+)`)
	for _, statement := range statements {
		m := form.FindStringSubmatch(statement)
		switch {
		case m == nil:
		case m[1] == "DROP":
			there = slices.DeleteFunc(there, func(name string) bool { return name == m[2] })
		case !slices.Contains(there, m[2]):
			there = append(there, m[2])
		}
	}
	return there
}

// refill brings the latest samples back where a materialized view that a step makes, or the table that it fills, was gone
// for a while: the newest wins, however often it is sent. The samples are read in the order in which they lie, from the
// end, so that none has to be sorted.
func (db *DB) refill(ctx context.Context, step schema.Migration, gone []string) error {
	view := regexp.MustCompile(`^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+)(?: ON CLUSTER '.*')? TO (\w+) AS\nSELECT \* FROM (\w+)$`)
	for _, statement := range step.Statements {
		m := view.FindStringSubmatch(statement)
		if m == nil || !slices.Contains(gone, m[1]) && !slices.Contains(gone, m[2]) {
			continue
		}
		var key string
		if err := db.conn.QueryRow(ctx, "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = {name:String}",
			clickhouse.Named("name", m[2])).Scan(&key); err != nil {
			return fmt.Errorf("refill %s: %w", m[2], err)
		}
		sql := fmt.Sprintf("INSERT INTO %s SELECT * FROM %s ORDER BY %s DESC, observed_at DESC LIMIT 1 BY %s",
			m[2], m[3], strings.ReplaceAll(key, ", ", " DESC, "), key)
		if err := db.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("refill %s: %w", m[2], err)
		}
	}
	return nil
}

// codeNoProjection is the code of the error for a table that would have a projection and is not allowed one.
const codeNoProjection = 344

// make runs a statement of a migration. A table that is made as another one (0002) is made again with what later steps gave the other: of
// a projection that means to allow it, and then to take it away.
func (db *DB) make(ctx context.Context, statement string) error {
	err := db.run(ctx, statement)
	as := regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)( ON CLUSTER '.*')? AS (\w+)\n`).FindStringSubmatch(statement)
	if as == nil || !hasCode(err, codeNoProjection) {
		return err
	}
	const allowed = "deduplicate_merge_projection_mode"
	for _, sql := range []string{
		strings.Replace(statement, "\nCOMMENT", "\nSETTINGS "+allowed+" = 'drop'\nCOMMENT", 1),
		"ALTER TABLE " + as[1] + as[2] + " DROP PROJECTION IF EXISTS days",
		"ALTER TABLE " + as[1] + as[2] + " RESET SETTING " + allowed,
	} {
		if err := db.run(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
