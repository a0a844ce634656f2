// Package transfer copies a database of kaisen's to another: to a server, or to the shards of a cluster. It asks both what
// they have, by count and checksum of each part of each table, copies the parts that differ, and compares again. So a copy
// that was broken off goes on where it was, and one that is run again brings what has come since.
//
// Nothing is deleted anywhere, and no row is overwritten by an older one. Views are not copied, because migrations make
// them; nor is the table of migrations. Rows that one of the databases is about to drop, because their retention is over,
// are left where they are.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kaisen/schema/clickhouse"
)

// Table is what came of a table.
type Table struct {
	Name     string
	Rows     uint64        // that the other database has now, without those that a newer one has replaced
	Bytes    uint64        // that the table takes where it comes from
	Sent     uint64        // rows that were copied
	Took     time.Duration // comparing and copying
	Checksum uint64        // over all its rows
	Differs  []string      // partitions in which the other database has something else than was read and sent, or is there by now
	Kept     uint64        // rows whose retention is over, and that were not copied
}

// Result is what came of a copy.
type Result struct {
	Tables  []Table
	Foreign []string // tables that are none of kaisen's and were not copied
}

// Equal reports whether every table arrived as it was read.
func (r Result) Equal() bool {
	for _, t := range r.Tables {
		if len(t.Differs) > 0 {
			return false
		}
	}
	return true
}

// Sent is the number of rows that were copied.
func (r Result) Sent() (rows uint64) {
	for _, t := range r.Tables {
		rows += t.Sent
	}
	return rows
}

// ErrOlder means that the database that is copied lacks migrations.
var ErrOlder = errors.New("the database that is to be copied is of an older version: run kaisen migrate on it first, or let kaisen run do so")

// ErrSame means that both are one database.
var ErrSame = errors.New("it is the database that is to be copied itself, by another name or the same")

// Distinct returns [ErrSame] where both are one database. ClickHouse gives every table that it makes an identity.
func Distinct(ctx context.Context, from, to *clickhouse.DB) error {
	var ids [2]string
	for i, db := range []*clickhouse.DB{from, to} {
		const sql = "SELECT toString(uuid) FROM system.tables WHERE database = currentDatabase() AND name = '" + clickhouse.HistoryTable + "'"
		if err := db.Each(ctx, sql, func(values []any) error {
			ids[i] = values[0].(string)
			return nil
		}); err != nil {
			return err
		}
	}
	if ids[0] != "" && ids[0] == ids[1] {
		return ErrSame
	}
	return nil
}

// copier is one pass over all tables.
type copier struct {
	from, to *clickhouse.DB
	log      *slog.Logger
}

// Run copies every table once, in order; the other database has been migrated. Rows may be written meanwhile: those that
// come after a table was read are the next Run's. It fails where a database fails, and what is copied by then stays.
//
// How far logs are read, and which months are closed, is looked up before everything else and written after it: whatever happens on
// the way, the other database never claims to have rows that were not copied.
func Run(ctx context.Context, from, to *clickhouse.DB, log *slog.Logger) (Result, error) {
	c := &copier{from, to, log}
	if pending, err := from.Pending(ctx); err != nil {
		return Result{}, fmt.Errorf("the database that is to be copied: %w", err)
	} else if len(pending) > 0 {
		return Result{}, ErrOlder
	}
	closed, err := from.MonthStates(ctx)
	if err != nil {
		return Result{}, err
	}
	tables, foreign, err := c.tables(ctx)
	if err != nil {
		return Result{}, err
	}
	result := Result{Foreign: foreign}
	var last []*table
	for _, t := range tables {
		if t.claims {
			if err := t.hold(ctx); err != nil {
				return result, fmt.Errorf("table %s: %w", t.name, err)
			}
			last = append(last, t)
			continue
		}
		if err := t.copyTo(ctx, &result); err != nil {
			return result, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	for _, t := range last {
		if err := t.copyTo(ctx, &result); err != nil {
			return result, fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	if !result.Equal() { // the next Run closes them
		return result, nil
	}
	return result, c.closeMonths(ctx, closed, &result)
}

// Then is the result of a copy and of the one after it.
func (r Result) Then(next Result) Result {
	before := map[string]Table{}
	for _, t := range r.Tables {
		before[t.Name] = t
	}
	for i, t := range next.Tables {
		next.Tables[i].Sent += before[t.Name].Sent
		next.Tables[i].Took += before[t.Name].Took
		delete(before, t.Name)
	}
	for _, t := range r.Tables { // the next one was broken off before it came to these
		if _, left := before[t.Name]; left {
			next.Tables = append(next.Tables, t)
		}
	}
	return next
}
