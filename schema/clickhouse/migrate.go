package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// ErrNewerSchema says that a later kaisen has migrated the database.
var ErrNewerSchema = errors.New("the database belongs to a later kaisen")

// HistoryTable is the name of the table that remembers which steps were taken.
const HistoryTable = "schema_migrations"

// historyTable makes it. ClickHouse has no lock to keep two migrators apart; they need none,
// because every statement of every step may run twice.
const historyTable = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32 COMMENT 'number of the step',
    name       String COMMENT 'its file',
    applied_at DateTime64(3, 'Asia/Tokyo') DEFAULT now64(3) COMMENT 'when it was done'
)
ENGINE = ReplacingMergeTree
ORDER BY version
COMMENT 'One row: a step of the schema''s history that was taken'`

// Steps are all steps of the schema's history, as they are taken on one server or on a cluster, beginning with the
// table that remembers them.
func Steps(cluster string) ([]schema.Migration, error) {
	steps, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
	l := layout{cluster}
	for i, step := range steps {
		var rendered []string
		for _, statement := range step.Statements {
			all, err := l.render(statement)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", step.Name, err)
			}
			rendered = append(rendered, all...)
		}
		steps[i].Statements = rendered
	}
	return steps, nil
}

// Pending lists the steps that the database still has to take, in order: all of them where something is gone that they
// have made. It fails with ErrNewerSchema where the database has taken steps that this kaisen does not know.
func (db *DB) Pending(ctx context.Context) ([]schema.Migration, error) {
	pending, _, err := db.pending(ctx)
	return pending, err
}

// pending tells beside the steps what is gone.
func (db *DB) pending(ctx context.Context) (pending []schema.Migration, gone []string, err error) {
	steps, err := Steps(db.layout.cluster)
	if err != nil {
		return nil, nil, err
	}
	taken, err := db.taken(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("schema version: %w", err)
	}
	for version, name := range taken {
		if version > len(steps) {
			return nil, nil, fmt.Errorf("%w: it has taken step %s, and this one knows %d steps: run the later kaisen", ErrNewerSchema, name, len(steps))
		}
		if known := steps[version-1].Name; known != name {
			return nil, nil, fmt.Errorf("%w: step %d of it is %s, here it is %s", ErrNewerSchema, version, name, known)
		}
	}
	gone, err = db.missing(ctx, steps, taken)
	if err != nil || len(gone) > 0 {
		return steps, gone, err
	}
	for _, step := range steps {
		if _, done := taken[step.Version]; !done {
			pending = append(pending, step)
		}
	}
	return pending, nil, nil
}

// Migrate takes the pending steps and then sees to the retention. A step that fails half way is taken again, whole,
// the next time. What somebody has dropped is made again: the steps know how, and may run twice.
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.makeDatabase(ctx); err != nil {
		return err
	}
	pending, gone, err := db.pending(ctx)
	if err != nil {
		return err
	}
	if len(gone) > 0 {
		db.log.Error("tables or views of the database are gone; they are made again, without the rows that were in them", "gone", strings.Join(gone, ", "))
	}
	if err := db.takeSteps(ctx, pending, gone); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := db.retain(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if len(gone) > 0 {
		db.log.Info("what was gone from the database is there again")
	}
	return nil
}

// makeDatabase makes the database where somebody has dropped it since it was opened.
func (db *DB) makeDatabase(ctx context.Context) error {
	if !db.create || !hasCode(db.conn.Exec(ctx, "SELECT 1"), codeUnknownDatabase) {
		return nil
	}
	db.log.Error("the database is gone; it is made again, empty", "database", db.options.Auth.Database)
	return createDatabase(ctx, db.options, db.layout.cluster, db.metrics, db.log)
}

// retain makes the rules of the retention hold.
func (db *DB) retain(ctx context.Context) error {
	rules, err := db.PendingRetention(ctx)
	if err != nil {
		return err
	}
	for _, statement := range rules {
		if err := db.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("retention: %s: %w", statement, err)
		}
		db.log.Debug("retention changed", "statement", statement)
	}
	if len(rules) > 0 {
		db.log.Info("rows are kept for another time from now on; 0 is for ever", "samples", db.retention.Samples, "events", db.retention.Events)
	}
	return nil
}

// takeSteps takes steps in order, for the first time, or again because of what is gone.
func (db *DB) takeSteps(ctx context.Context, steps []schema.Migration, gone []string) error {
	if len(steps) == 0 {
		return nil
	}
	history, err := db.layout.render(historyTable)
	if err != nil {
		return err
	}
	for _, statement := range history {
		if err := db.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("schema_migrations: %w", err)
		}
	}
	for _, step := range steps {
		for i, statement := range step.Statements {
			if err := db.conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s, statement %d: %w", step.Name, i+1, err)
			}
		}
		if err := db.refill(ctx, step, gone); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
		if err := db.conn.Exec(ctx, db.layout.record(step)); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
		if len(gone) == 0 {
			db.log.Info("database migrated", "step", step.Name)
		}
	}
	return nil
}

// Script is the SQL that Migrate would run for these steps and this retention, for administrators who run it
// themselves.
func Script(cluster string, steps []schema.Migration, retention []string) (string, error) {
	l := layout{cluster}
	var b strings.Builder
	write := func(statements ...string) {
		for _, statement := range statements {
			b.WriteString(statement + ";\n\n")
		}
	}
	if len(steps) > 0 {
		history, err := l.render(historyTable)
		if err != nil {
			return "", err
		}
		write(history...)
	}
	for _, step := range steps {
		fmt.Fprintf(&b, "-- %s\n", step.Name)
		write(step.Statements...)
		write(l.record(step))
	}
	if len(retention) > 0 {
		b.WriteString("-- how long rows are kept\n")
		write(retention...)
	}
	return b.String(), nil
}

// record remembers a step. On a cluster the row has to be on its shard before the next step is taken.
func (l layout) record(step schema.Migration) string {
	settings := ""
	if l.cluster != "" {
		settings = " SETTINGS distributed_foreground_insert = 1"
	}
	return fmt.Sprintf("INSERT INTO schema_migrations (version, name)%s SELECT %d, '%s'", settings, step.Version, step.Name)
}

// taken is the names of the steps that were taken, by number.
func (db *DB) taken(ctx context.Context) (map[int]string, error) {
	var there uint64
	if err := db.conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {name:String}",
		clickhouse.Named("name", HistoryTable)).Scan(&there); err != nil {
		return nil, err
	}
	taken := map[int]string{}
	if there == 0 {
		return taken, nil
	}
	rows, err := db.conn.Query(ctx, "SELECT version, name FROM schema_migrations FINAL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var version uint32
		var name string
		if err := rows.Scan(&version, &name); err != nil {
			return nil, err
		}
		taken[int(version)] = name
	}
	return taken, rows.Err()
}
