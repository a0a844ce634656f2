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

// historyTable remembers which steps were taken. ClickHouse has no lock to keep two migrators apart; they need none,
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

// Pending lists the steps that the database still has to take, in order. It fails with ErrNewerSchema where the
// database has taken steps that this kaisen does not know.
func (db *DB) Pending(ctx context.Context) ([]schema.Migration, error) {
	steps, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
	taken, err := db.taken(ctx)
	if err != nil {
		return nil, fmt.Errorf("schema version: %w", err)
	}
	for version, name := range taken {
		if version > len(steps) {
			return nil, fmt.Errorf("%w: it has taken step %s, and this one knows %d steps: run the later kaisen", ErrNewerSchema, name, len(steps))
		}
		if known := steps[version-1].Name; known != name {
			return nil, fmt.Errorf("%w: step %d of it is %s, here it is %s", ErrNewerSchema, version, name, known)
		}
	}
	var pending []schema.Migration
	for _, step := range steps {
		if _, done := taken[step.Version]; !done {
			pending = append(pending, step)
		}
	}
	return pending, nil
}

// Migrate takes the pending steps. A step that fails half way is taken again, whole, the next time.
func (db *DB) Migrate(ctx context.Context) error {
	pending, err := db.Pending(ctx)
	if err != nil {
		return err
	}
	if err := db.conn.Exec(ctx, historyTable); err != nil {
		return fmt.Errorf("migrate: schema_migrations: %w", err)
	}
	for _, step := range pending {
		for i, statement := range step.Statements {
			if err := db.conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("migrate: %s, statement %d: %w", step.Name, i+1, err)
			}
		}
		if err := db.conn.Exec(ctx, recordStep(step)); err != nil {
			return fmt.Errorf("migrate: %s: %w", step.Name, err)
		}
		db.log.Info("database migrated", "step", step.Name)
	}
	return nil
}

// Script is the SQL that Migrate would run for these steps, for administrators who run it themselves.
func Script(steps []schema.Migration) string {
	var b strings.Builder
	if len(steps) > 0 {
		b.WriteString(historyTable + ";\n")
	}
	for _, step := range steps {
		fmt.Fprintf(&b, "\n-- %s\n", step.Name)
		for _, statement := range step.Statements {
			b.WriteString(statement + ";\n\n")
		}
		b.WriteString(recordStep(step) + ";\n")
	}
	return b.String()
}

func recordStep(step schema.Migration) string {
	return fmt.Sprintf("INSERT INTO schema_migrations (version, name) SELECT %d, '%s'", step.Version, step.Name)
}

// taken is the names of the steps that were taken, by number.
func (db *DB) taken(ctx context.Context) (map[int]string, error) {
	var there uint64
	if err := db.conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {name:String}",
		clickhouse.Named("name", "schema_migrations")).Scan(&there); err != nil {
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
