package clickhouse

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/go-faster/city"

	"kaisen/schema"
)

// digest hashes values so that two inserts with the same digest have the same rows in the same order. A nil digest leaves them alone.
type digest struct {
	hash  xxhash.Digest
	ahead []byte // of the hash, which takes as long for a word as for some
}

const digestStep = 1 << 10

func newDigest(table string) *digest {
	d := &digest{ahead: make([]byte, 0, 2*digestStep)}
	d.hash.Reset()
	d.text(table)
	return d
}

func (d *digest) number(v uint64) {
	if d == nil {
		return
	}
	d.ahead = binary.LittleEndian.AppendUint64(d.ahead, v)
	if len(d.ahead) >= digestStep {
		d.sum()
	}
}

// sum is the hash of all values so far.
func (d *digest) sum() uint64 {
	d.hash.Write(d.ahead)
	d.ahead = d.ahead[:0]
	return d.hash.Sum64()
}

func (d *digest) boolean(v bool) {
	if v {
		d.number(1)
	} else {
		d.number(0)
	}
}

func (d *digest) text(v string) {
	if d == nil {
		return
	}
	d.number(uint64(len(v)))
	if len(v) > digestStep {
		d.sum()
		d.hash.WriteString(v)
		return
	}
	d.ahead = append(d.ahead, v...)
}

func (d *digest) texts(list []string) {
	d.number(uint64(len(list)))
	for _, v := range list {
		d.text(v)
	}
}

// shardKeys are the columns that decide on which shard a row lies, by table, from the migrations.
func shardKeys() (map[string][]string, error) {
	steps, err := schema.Migrations()
	if err != nil {
		return nil, err
	}
	create := regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)`)
	keys := map[string][]string{}
	for _, step := range steps {
		for _, statement := range step.Statements {
			if name := create.FindStringSubmatch(statement); name != nil {
				keys[name[1]] = strings.Split(shardKey(sortingKey(statement)), ", ")
			}
		}
	}
	return keys, nil
}

// hashes are what ClickHouse's cityHash64 makes of the key's columns in each row: the sharding key of the Distributed
// tables, which have to find a row on the shard that kaisen brings it to.
func (t *table) hashes(rows schema.Rows, key []string) ([]uint64, error) {
	all := make([]uint64, rows.Len())
	for n, name := range key {
		i := slices.Index(t.names, name)
		if i < 0 {
			return nil, fmt.Errorf("table %s is sharded by %s, which is not written", t.name, name)
		}
		values, err := t.columns[i].values(spanOf(rows), newDigest(""), nil)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
		hash, err := hashOf(values)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
		for row := range all {
			if n == 0 {
				all[row] = hash(row)
			} else {
				all[row] = joined(all[row], hash(row))
			}
		}
	}
	return all, nil
}

// joined is how cityHash64 goes on with the hash of another column.
func joined(before, next uint64) uint64 {
	const mul = 0x9ddfea08eb382d69
	a := (before ^ next) * mul
	a ^= a >> 47
	b := (next ^ a) * mul
	b ^= b >> 47
	return b * mul
}

// hashOf is cityHash64 of one column's values. It knows the types that a sharding key has.
func hashOf(values any) (func(row int) uint64, error) {
	switch values := values.(type) {
	case []string:
		return func(row int) uint64 { return city.CH64([]byte(values[row])) }, nil
	case []time.Time:
		return func(row int) uint64 {
			return city.CH64(binary.LittleEndian.AppendUint64(nil, uint64(values[row].UnixMilli())))
		}, nil
	}
	return nil, fmt.Errorf("a sharding key of type %T is not known", values)
}
