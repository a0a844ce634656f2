package transfer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaisen/schema/clickhouse"
)

// together is how many rows are sent in one insert: it bounds what kaisen holds, and what is sent again after a failure.
const together = 250_000

// heldRow is a row that was read and is not sent yet.
type heldRow struct {
	cell   cell
	hash   uint64
	values []any
}

// copyTo copies what the other database lacks of the table, compares what it has then with what was read, and adds the
// outcome to the result.
func (t *table) copyTo(ctx context.Context, result *Result) error {
	began := time.Now()
	have, err := t.has(ctx)
	if err != nil {
		return err
	}
	there, err := t.sums(ctx, t.to)
	if err != nil {
		return err
	}
	if rows := there.beyond(have); rows > 0 {
		t.log.Warn("the other database has rows that the one that is copied has not; they stay", "table", t.name, "at_least", rows)
	}
	out := Table{Name: t.name, Bytes: t.bytes}
	want := maps.Clone(have)
	for _, cells := range byPartition(have.differing(there)) {
		sent, rows, err := t.send(ctx, cells, there)
		if err != nil {
			return err
		}
		for _, c := range cells { // what was sent may be more than was there a moment ago
			delete(want, c)
		}
		maps.Copy(want, sent)
		if out.Sent += rows; rows > 0 {
			t.log.Info("copied", "table", t.name, "partition", partitions(cells[:1])[0], "rows", rows)
		}
	}
	if out.Sent > 0 {
		if there, err = t.sums(ctx, t.to); err != nil {
			return err
		}
	}
	differs := want.differing(there)
	if len(differs) > 0 && !t.claims { // the other database fills in a latest sample a moment before this one has it
		now, err := t.sums(ctx, t.from)
		if err != nil {
			return err
		}
		differs = slices.DeleteFunc(differs, func(c cell) bool { return now[c] == there[c] })
	}
	total := there.total()
	out.Rows, out.Checksum, out.Differs = total.rows, total.hash, partitions(differs)
	if out.Kept, err = t.expired(ctx); err != nil {
		return err
	}
	out.Took = time.Since(began)
	result.Tables = append(result.Tables, out)
	return nil
}

// has are the sums of what is to be copied: of what was read before, or of what is there now.
func (t *table) has(ctx context.Context) (sums, error) {
	if t.claims {
		return t.had, nil
	}
	return t.sums(ctx, t.from)
}

// send copies the rows of some cells of a partition, and returns the sums of all that were read, with how many were sent.
// Where no newer row replaces another, those that are there already are not sent again.
func (t *table) send(ctx context.Context, cells []cell, there sums) (read sums, sent uint64, err error) {
	known := map[uint64]uint64{}
	if t.final == "" {
		if known, err = t.known(ctx, cells, there); err != nil {
			return nil, 0, err
		}
	}
	read = sums{}
	var insert *clickhouse.Inserter
	err = t.each(ctx, cells, func(row heldRow) error {
		s := read[row.cell]
		s.add(row.hash)
		read[row.cell] = s
		if known[row.hash] > 0 {
			known[row.hash]--
			return nil
		}
		if insert == nil {
			var err error
			if insert, err = t.to.Inserter(ctx, t.name, t.columns); err != nil {
				return err
			}
		}
		if sent++; sent%together > 0 {
			return insert.Add(row.values)
		}
		whole := insert
		insert = nil
		return errors.Join(whole.Add(row.values), whole.Send())
	})
	switch {
	case insert == nil:
	case err != nil:
		err = errors.Join(err, insert.Abort())
	default:
		err = insert.Send()
	}
	return read, sent, err
}

// known counts the rows of cells that the other database has, by their hash.
func (t *table) known(ctx context.Context, cells []cell, there sums) (map[uint64]uint64, error) {
	known := map[uint64]uint64{}
	for _, c := range cells {
		if there[c].rows == 0 {
			continue
		}
		own, err := t.hashes(ctx, t.to, c)
		if err != nil {
			return nil, fmt.Errorf("what is there already: %w", err)
		}
		maps.Copy(known, own)
	}
	return known, nil
}

// hashes counts the rows of a cell that a database has, by their hash.
func (t *table) hashes(ctx context.Context, db *clickhouse.DB, c cell) (map[uint64]uint64, error) {
	found := map[uint64]uint64{}
	sql := fmt.Sprintf("SELECT %s AS hash, count() FROM %s%s WHERE %s GROUP BY hash", t.hash, t.name, t.final, t.of([]cell{c}))
	err := db.Each(ctx, sql, func(values []any) error {
		found[values[0].(uint64)] = values[1].(uint64)
		return nil
	})
	return found, err
}

// each reads the rows of cells of one partition; a row's values are the next one's when do has returned.
func (t *table) each(ctx context.Context, cells []cell, do func(heldRow) error) error {
	if t.claims {
		wanted := map[cell]bool{}
		for _, c := range cells {
			wanted[c] = true
		}
		for _, row := range t.held {
			if wanted[row.cell] {
				if err := do(row); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return t.read(ctx, t.of(cells), do)
}

// read asks for the rows that meet a condition.
func (t *table) read(ctx context.Context, condition string, do func(heldRow) error) error {
	sql := fmt.Sprintf("SELECT %s, %s, %s, %s FROM %s%s WHERE %s",
		strings.Join(t.columns, ", "), t.partition, t.bucket, t.hash, t.name, t.final, condition)
	n := len(t.columns)
	return t.from.Each(ctx, sql, func(values []any) error {
		return do(heldRow{cell{values[n].(string), values[n+1].(uint64)}, values[n+2].(uint64), values[:n]})
	})
}

// hold reads the whole table, which is small, to send it later.
func (t *table) hold(ctx context.Context) error {
	t.had = sums{}
	return t.read(ctx, t.lasting, func(row heldRow) error {
		s := t.had[row.cell]
		s.add(row.hash)
		t.had[row.cell] = s
		row.values = slices.Clone(row.values)
		t.held = append(t.held, row)
		return nil
	})
}
