package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// shard is one server of a cluster of shards alone. Kaisen goes to each by itself: there is nobody who hands statements
// on, and an insert through a Distributed table is given up as a whole where one shard of it is away.
type shard struct {
	*DB
	number int
	name   string // for people: its number and address
	weight uint64 // its part of the rows, as ClickHouse deals them out
}

// blame adds to an error the server that it is from.
func (s shard) blame(err error) error {
	if s.name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// prefixed adds to the names of tables the server that they are on.
func (s shard) prefixed(tables []string) []string {
	if s.name == "" {
		return tables
	}
	var all []string
	for _, table := range tables {
		all = append(all, table+" on "+s.name)
	}
	return all
}

// servers are those whose tables are made and changed each by itself: every shard alone, else the one server that there
// is or that hands statements on.
func (db *DB) servers() []shard {
	if db.layout.alone() {
		return db.shards
	}
	return []shard{{DB: db}}
}

// discoverShards looks up where the shards are, without going to any. create makes the database on those that lack it.
func (db *DB) discoverShards(ctx context.Context, options *clickhouse.Options, create bool) error {
	places, err := db.places(ctx)
	if err != nil {
		return fmt.Errorf("cluster %s: %w", db.layout.Cluster, err)
	}
	if db.shardKeys, err = shardKeys(); err != nil {
		return err
	}
	for i, place := range places {
		if place.number != uint32(i+1) {
			return fmt.Errorf("cluster %s: shard %d has several servers, which only replicated tables keep alike: set store.replicated", db.layout.Cluster, place.number)
		}
		own := nativeOptions(options, place.address())
		name := fmt.Sprintf("shard %d at %s", place.number, own.Addr[0])
		if create {
			if err := createDatabase(ctx, own, db.layout, db.metrics, db.log); err != nil {
				return fmt.Errorf("shard %d: %w", place.number, err)
			}
		}
		conn, err := clickhouse.Open(own)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		db.shards = append(db.shards, shard{number: int(place.number), name: name, weight: uint64(place.weight), DB: &DB{
			conn: conn, options: own, create: create, layout: db.layout, retention: db.retention, metrics: db.metrics, log: db.log, tables: db.tables, suffix: "_local",
		}})
	}
	return nil
}

// place is a server as the others of its cluster know it.
type place struct {
	number, weight uint32
	host           string
	port           uint16
}

func (p place) address() string { return net.JoinHostPort(p.host, strconv.Itoa(int(p.port))) }

// places asks the server that the DSN names for those of its cluster, by shard.
func (db *DB) places(ctx context.Context) ([]place, error) {
	name, err := db.clusterName(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.conn.Query(ctx, `SELECT shard_num, shard_weight, host_name, port FROM system.clusters
WHERE cluster = {name:String} ORDER BY shard_num, replica_num`, clickhouse.Named("name", name))
	if err != nil {
		return nil, brief(err)
	}
	defer rows.Close()
	var places []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.number, &p.weight, &p.host, &p.port); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("the server knows no cluster of the name %s", name)
	}
	return places, nil
}

// clusterName is the name with the server's macros replaced, as ClickHouse itself does it in a table's definition.
func (db *DB) clusterName(ctx context.Context) (string, error) {
	name := db.layout.Cluster
	if !strings.Contains(name, "{") {
		return name, nil
	}
	rows, err := db.conn.Query(ctx, "SELECT macro, substitution FROM system.macros")
	if err != nil {
		return "", brief(err)
	}
	defer rows.Close()
	for rows.Next() {
		var macro, substitution string
		if err := rows.Scan(&macro, &substitution); err != nil {
			return "", err
		}
		name = strings.ReplaceAll(name, "{"+macro+"}", substitution)
	}
	return name, rows.Err()
}

// shardDial is how long a shard may take to be reached, unless the DSN sets dial_timeout: as long as one that has vanished
// without a word keeps the others waiting for their next rows.
const shardDial = 5 * time.Second

// nativeOptions are those of the DSN for another server. The cluster's servers know one another by their native ports.
func nativeOptions(of *clickhouse.Options, address string) *clickhouse.Options {
	own := *of
	own.Addr, own.Settings = []string{address}, maps.Clone(of.Settings)
	own.DialTimeout = cmp.Or(of.DialTimeout, shardDial)
	if of.Protocol == clickhouse.HTTP {
		own.Protocol = clickhouse.Native
		own.HttpHeaders, own.HttpUrlPath = nil, ""
		if c := of.Compression; c != nil && c.Method != clickhouse.CompressionLZ4 && c.Method != clickhouse.CompressionZSTD && c.Method != clickhouse.CompressionNone {
			own.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4} // the others are HTTP's own
		}
	}
	return &own
}
