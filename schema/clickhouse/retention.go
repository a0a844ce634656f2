package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Retention is how long rows are kept, in whole seconds; 0 is for ever. What is latest-only (lines, orders, …), the
// days, the months and what the samples of closed months said are always kept: they are small and worth more every year.
type Retention struct {
	Samples time.Duration            // traffic_samples, session_samples, line_forecasts
	Events  time.Duration            // authentications, session_events and what was copied of it, sweeps, dead_letters
	Tables  map[string]time.Duration // tables with a time of their own, by name: any of these, and traffic_hours
}

// expiry is when the rows of a table go.
type expiry struct {
	table, column string
	after         time.Duration
}

func (r Retention) expiries() []expiry {
	own := func(table string, common time.Duration) time.Duration {
		if told, ok := r.Tables[table]; ok {
			return told
		}
		return common
	}
	sessions := own("session_events", r.Events) // what was copied of them goes with them
	return []expiry{
		{"traffic_samples", "observed_at", own("traffic_samples", r.Samples)},
		{"session_samples", "observed_at", own("session_samples", r.Samples)},
		{"line_forecasts", "observed_at", own("line_forecasts", r.Samples)},
		{"authentications", "event_time", own("authentications", r.Events)},
		{"session_events", "event_time", sessions},
		{"paired_sessions", "started_at", sessions},
		{"border_events", "event_time", sessions},
		{"sweeps", "started_at", own("sweeps", r.Events)},
		{"dead_letters", "observed_at", own("dead_letters", r.Events)},
		{"traffic_hours", "hour", own("traffic_hours", 0)},
	}
}

// rule is the expiry as ClickHouse writes it back, so that it can be compared; "" keeps rows for ever.
func (e expiry) rule() string {
	if e.after <= 0 {
		return ""
	}
	return fmt.Sprintf("toDateTime(%s) + toIntervalSecond(%d)", e.column, int64(e.after/time.Second))
}

// statement makes the rule hold. Whole parts are dropped, a month at a time: no row is ever rewritten to let its
// neighbour go, and rows stay up to a month longer than asked.
func (e expiry) statement() string {
	if e.after <= 0 {
		return "ALTER TABLE " + e.table + " REMOVE TTL"
	}
	return "ALTER TABLE " + e.table + " MODIFY TTL " + e.rule()
}

// dropWhole is set on every table before its first rule.
func dropWhole(table string) string {
	return "ALTER TABLE " + table + " MODIFY SETTING ttl_only_drop_parts = 1"
}

// PendingRetention is what has to be run so that the tables keep their rows as long as the configuration says:
// nothing where they do. It needs the tables; those that are not there yet are left out. Of shards alone it is what any
// of them lacks.
func (db *DB) PendingRetention(ctx context.Context) ([]string, error) {
	var pending []string
	for _, s := range db.servers() {
		lacks, err := s.pendingRetention(ctx)
		if err != nil {
			return nil, s.blame(err)
		}
		for _, statement := range lacks {
			if !slices.Contains(pending, statement) {
				pending = append(pending, statement)
			}
		}
	}
	return pending, nil
}

// pendingRetention is what one server lacks.
func (db *DB) pendingRetention(ctx context.Context) ([]string, error) {
	rules, err := db.rules(ctx)
	if err != nil {
		return nil, fmt.Errorf("retention: %w", err)
	}
	var pending []string
	for _, e := range db.retention.expiries() {
		if rule, there := rules[e.table]; there && rule != e.rule() {
			statements, err := db.layout.expire(e)
			if err != nil {
				return nil, err
			}
			pending = append(pending, statements...)
		}
	}
	return pending, nil
}

// retain makes the rules hold.
func (db *DB) retain(ctx context.Context) error {
	changed := false
	for _, s := range db.servers() {
		rules, err := s.pendingRetention(ctx)
		if err != nil {
			return s.blame(err)
		}
		for _, statement := range rules {
			if err := s.run(ctx, statement); err != nil {
				return s.blame(fmt.Errorf("retention: %s: %w", statement, err))
			}
			db.log.Debug("retention changed", "statement", statement)
			changed = true
		}
	}
	if changed {
		db.log.Info("rows are kept as long as store.retention says from now on; 0 is for ever", "samples", db.retention.Samples, "events", db.retention.Events, "tables", db.retention.Tables)
	}
	return nil
}

// Statements are those that make the rules hold on tables that have none yet.
func (r Retention) Statements(l Layout) ([]string, error) {
	var all []string
	for _, e := range r.expiries() {
		if e.after <= 0 {
			continue
		}
		statements, err := l.expire(e)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return all, nil
}

// expire is the statements for one table.
func (l Layout) expire(e expiry) ([]string, error) {
	var all []string
	for _, statement := range []string{dropWhole(e.table), e.statement()} {
		rendered, err := l.render(statement)
		if err != nil {
			return nil, err
		}
		all = append(all, rendered...)
	}
	return all, nil
}

// rules reads the rules in force, by the name of the table as it is written to.
func (db *DB) rules(ctx context.Context) (map[string]string, error) {
	rows, err := db.conn.Query(ctx, `SELECT name, engine_full FROM system.tables
WHERE database = currentDatabase() AND engine LIKE {engine:String}`, clickhouse.Named("engine", "%MergeTree"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ttl := regexp.MustCompile(` TTL (.*?)(?: SETTINGS |$)`)
	rules := map[string]string{}
	for rows.Next() {
		var name, engine string
		if err := rows.Scan(&name, &engine); err != nil {
			return nil, err
		}
		rule := ""
		if match := ttl.FindStringSubmatch(engine); match != nil {
			rule = match[1]
		}
		rules[strings.TrimSuffix(name, "_local")] = rule
	}
	return rules, rows.Err()
}
