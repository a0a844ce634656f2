package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// ErrNewerSchema means that a later kaisen has migrated the database.
var ErrNewerSchema = errors.New("the database belongs to a later kaisen")

// HistoryTable is the name of the table that remembers which steps were taken.
const HistoryTable = "schema_migrations"

// historyTable makes it: for a cluster with replicas as a whole, and for each of shards alone by
// itself, so that one that was away, or is new, is brought up to the others. ClickHouse has no lock to keep two migrators apart; they need none,
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

// Steps are all steps of the schema's history, as they are taken in a layout.
func Steps(l Layout) ([]schema.Migration, error) {
	steps, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
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
// have made; of shards alone, those that any of them lacks. It fails with ErrNewerSchema where the database has taken
// steps that this kaisen does not know.
func (db *DB) Pending(ctx context.Context) ([]schema.Migration, error) {
	_, pending, err := db.pending(ctx)
	return pending, err
}

// lack is what a server has still to take, and what is gone from it.
type lack struct {
	steps []schema.Migration
	gone  []string
}

// pending is Pending, and what each server lacks, by its name.
func (db *DB) pending(ctx context.Context) (lacking map[string]lack, pending []schema.Migration, err error) {
	steps, err := Steps(db.layout)
	if err != nil {
		return nil, nil, err
	}
	lacking = map[string]lack{}
	for _, s := range db.servers() {
		lacks, err := s.lacks(ctx, steps)
		if err != nil {
			return nil, nil, s.blame(err)
		}
		lacking[s.name] = lacks
		pending = append(pending, lacks.steps...)
	}
	slices.SortFunc(pending, func(a, b schema.Migration) int { return a.Version - b.Version })
	return lacking, slices.CompactFunc(pending, sameStep), nil
}

func sameStep(a, b schema.Migration) bool { return a.Version == b.Version }

// lacks is which of the steps a server has not taken: all of them where something is gone.
func (db *DB) lacks(ctx context.Context, steps []schema.Migration) (lack, error) {
	if err := db.checkLayout(ctx); err != nil {
		return lack{}, err
	}
	taken, err := db.taken(ctx)
	if err != nil {
		return lack{}, fmt.Errorf("schema version: %w", err)
	}
	for version, name := range taken {
		if version > len(steps) {
			return lack{}, fmt.Errorf("%w: it has taken step %s, and this one knows %d steps: run the later kaisen", ErrNewerSchema, name, len(steps))
		}
		if known := steps[version-1].Name; known != name {
			return lack{}, fmt.Errorf("%w: step %d of it is %s, here it is %s", ErrNewerSchema, version, name, known)
		}
	}
	gone, err := db.missing(ctx, steps, taken)
	if err != nil || len(gone) > 0 {
		return lack{steps, gone}, err
	}
	var lacks lack
	for _, step := range steps {
		if _, done := taken[step.Version]; !done {
			lacks.steps = append(lacks.steps, step)
		}
	}
	return lacks, nil
}

// Migrate takes the pending steps and then sees to the retention. A step that fails half way is taken again, whole,
// the next time. What somebody has dropped is made again: the steps know how, and may run twice. Shards alone go step by
// step together, because what one makes may ask the others for their tables; while any of them is away, nothing is
// changed. A view that a later of the steps makes anew is left out.
func (db *DB) Migrate(ctx context.Context) error {
	for _, s := range db.servers() {
		if err := s.makeDatabase(ctx); err != nil {
			return s.blame(err)
		}
	}
	lacking, pending, err := db.pending(ctx)
	if err != nil {
		return err
	}
	if db.layout.Replicated && db.layout.Cluster != "" {
		if err := db.prepareReplicas(ctx, pending); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	var gone []string
	for _, s := range db.servers() {
		gone = append(gone, s.prefixed(lacking[s.name].gone)...)
	}
	if len(gone) > 0 {
		db.log.Error("tables or views of the database are gone; they are made again, without the rows that were in them", "gone", strings.Join(gone, ", "))
	}
	if err := db.takeSteps(ctx, lacking, pending); err != nil {
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
	return createDatabase(ctx, db.options, db.layout, db.metrics, db.log)
}

// takeSteps takes steps in order, each on the servers that lack it: for the first time, or again because of what is gone.
func (db *DB) takeSteps(ctx context.Context, lacking map[string]lack, pending []schema.Migration) error {
	again := false
	lean := make(map[string][]schema.Migration)
	for _, s := range db.servers() {
		lean[s.name] = withoutReplaced(lacking[s.name].steps)
		if len(lacking[s.name].steps) == 0 {
			continue
		}
		again = again || len(lacking[s.name].gone) > 0
		if err := s.makeHistory(ctx); err != nil {
			return s.blame(err)
		}
	}
	for _, step := range pending {
		for _, s := range db.servers() {
			at := slices.IndexFunc(lean[s.name], func(other schema.Migration) bool { return sameStep(step, other) })
			if at < 0 {
				continue
			}
			if err := s.take(ctx, lean[s.name][at], lacking[s.name].gone); err != nil {
				return s.blame(err)
			}
		}
		if !again {
			db.log.Info("database migrated", "step", step.Name)
		}
	}
	return nil
}

// makeHistory makes the table that remembers the steps.
func (db *DB) makeHistory(ctx context.Context) error {
	history, err := db.layout.history()
	if err != nil {
		return err
	}
	for _, statement := range history {
		if err := db.run(ctx, statement); err != nil {
			return fmt.Errorf("schema_migrations: %w", err)
		}
	}
	return nil
}

// take takes a step on one server, from which something may be gone.
func (db *DB) take(ctx context.Context, step schema.Migration, gone []string) error {
	for i, statement := range step.Statements {
		if err := db.make(ctx, statement); err != nil {
			return fmt.Errorf("%s, statement %d: %w", step.Name, i+1, err)
		}
	}
	if err := errors.Join(db.refill(ctx, step, gone), db.reopenMonths(ctx, step, gone)); err != nil {
		return fmt.Errorf("%s: %w", step.Name, err)
	}
	if err := db.conn.Exec(ctx, db.layout.record(step)); err != nil {
		return fmt.Errorf("%s: %w", step.Name, err)
	}
	return nil
}

// Script is the SQL that Migrate would run for these steps and this retention, for administrators who run it
// themselves.
func Script(l Layout, steps []schema.Migration, retention []string) (string, error) {
	var b strings.Builder
	write := func(statements ...string) {
		for _, statement := range statements {
			b.WriteString(statement + ";\n\n")
		}
	}
	if l.alone() && len(steps)+len(retention) > 0 {
		fmt.Fprintf(&b, "-- Run each statement on every shard of %s before the next one.\n\n", l.Cluster)
	}
	if len(steps) > 0 {
		history, err := l.history()
		if err != nil {
			return "", err
		}
		write(history...)
	}
	for _, step := range withoutReplaced(steps) {
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

// history is the statements that make the table of steps.
func (l Layout) history() ([]string, error) {
	if l.alone() {
		return []string{historyTable}, nil
	}
	return l.render(historyTable)
}

// record remembers a step. Through a Distributed table the row has to be on its shard before the next step is taken.
func (l Layout) record(step schema.Migration) string {
	settings := ""
	if l.on() != "" {
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
	if there == 0 {
		return map[int]string{}, nil
	}
	taken, err := db.recorded(ctx, "")
	if err != nil && db.layout.on() != "" && strings.Contains(err.Error(), "There is no table") {
		return db.recorded(ctx, " SETTINGS skip_unavailable_shards = 1") // of shards that are new
	}
	return taken, err
}

// recorded reads the history.
func (db *DB) recorded(ctx context.Context, settings string) (map[int]string, error) {
	taken := map[int]string{}
	rows, err := db.conn.Query(ctx, "SELECT version, name FROM schema_migrations FINAL"+settings)
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
