package transfer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// cell is what is compared, and copied, as a whole: the rows of a partition whose keys have the same hash.
type cell struct {
	partition string
	bucket    uint64
}

// sum is what tells the contents of two cells apart: a row counts once, and so does each of several alike.
type sum struct{ rows, hash uint64 }

func (s *sum) add(hash uint64) {
	s.rows++
	s.hash += hash
}

// sums are those of the cells that have rows.
type sums map[cell]sum

// total is the sum of all.
func (s sums) total() (all sum) {
	for _, one := range s {
		all.rows += one.rows
		all.hash += one.hash
	}
	return all
}

// differing lists the cells that are not alike, in order.
func (s sums) differing(other sums) []cell {
	var cells []cell
	for c, one := range s {
		if one != other[c] {
			cells = append(cells, c)
		}
	}
	for c := range other {
		if _, known := s[c]; !known {
			cells = append(cells, c)
		}
	}
	slices.SortFunc(cells, compareCells)
	return cells
}

func compareCells(a, b cell) int {
	return cmp.Or(strings.Compare(a.partition, b.partition), cmp.Compare(a.bucket, b.bucket))
}

// beyond is how many rows more than another, at least, there are.
func (s sums) beyond(other sums) (rows uint64) {
	for c, one := range s {
		if one.rows > other[c].rows {
			rows += one.rows - other[c].rows
		}
	}
	return rows
}

// partitions are the names of the partitions of cells that are in order; what has none is "all".
func partitions(cells []cell) []string {
	var names []string
	for _, c := range cells {
		names = append(names, cmp.Or(c.partition, "all"))
	}
	return slices.Compact(names)
}

// sums asks a database for those of the table.
func (t *table) sums(ctx context.Context, db *clickhouse.DB) (sums, error) {
	all := sums{}
	sql := fmt.Sprintf("SELECT %s AS part, %s AS bucket, count() AS n, sum(%s) AS hash FROM %s%s WHERE %s GROUP BY part, bucket",
		t.partition, t.bucket, t.hash, t.name, t.final, t.lasting)
	err := db.Each(ctx, sql, func(values []any) error {
		all[cell{values[0].(string), values[1].(uint64)}] = sum{values[2].(uint64), values[3].(uint64)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("checksums: %w", err)
	}
	return all, nil
}

// of is the condition on the rows of cells of one partition.
func (t *table) of(cells []cell) string {
	var list []string
	for _, c := range cells {
		list = append(list, fmt.Sprint(c.bucket))
	}
	condition := t.lasting
	if t.key != "" { // without toString, so that other partitions are not read
		condition += " AND " + t.key + " = " + sqltext.Quote(cells[0].partition)
	}
	if len(list) < buckets {
		condition += " AND " + t.bucket + " IN (" + strings.Join(list, ", ") + ")"
	}
	return condition
}

// expired counts the rows that are left where they are because their retention is over.
func (t *table) expired(ctx context.Context) (rows uint64, err error) {
	if t.lasting == lasting(nil) {
		return 0, nil
	}
	err = t.from.Each(ctx, fmt.Sprintf("SELECT count() FROM %s WHERE NOT (%s)", t.name, t.lasting), func(values []any) error {
		rows = values[0].(uint64)
		return nil
	})
	return rows, err
}

// byPartition divides cells that are in order.
func byPartition(cells []cell) (all [][]cell) {
	for len(cells) > 0 {
		n := 1
		for n < len(cells) && cells[n].partition == cells[0].partition {
			n++
		}
		all, cells = append(all, cells[:n]), cells[n:]
	}
	return all
}

// Checksums are the number of rows and the checksum of each of the tables of a database, by name: those that Run compares.
// Two databases with the same rows have the same.
func Checksums(ctx context.Context, db *clickhouse.DB) (map[string][2]uint64, error) {
	c := &copier{from: db, to: db}
	tables, _, err := c.tables(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string][2]uint64{}
	for _, t := range tables {
		t.lasting = lasting(nil)
		parts, err := t.sums(ctx, db)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		total := parts.total()
		all[t.name] = [2]uint64{total.rows, total.hash}
	}
	return all, nil
}
