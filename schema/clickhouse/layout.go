package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrOtherLayout means that the tables of the database were made for another layout than store.cluster and
// store.replicated say: rows would be written into tables that nothing reads.
var ErrOtherLayout = errors.New("its tables were made for another layout")

// checkLayout compares the layout with the tables that are there. A table that is missing says nothing.
func (db *DB) checkLayout(ctx context.Context) error {
	const first = "traffic_samples"
	rows, err := db.conn.Query(ctx, "SELECT name, engine FROM system.tables WHERE database = currentDatabase() AND name IN ('"+first+"', '"+first+"_local')")
	if err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	defer rows.Close()
	engines := map[string]string{}
	for rows.Next() {
		var name, engine string
		if err := rows.Scan(&name, &engine); err != nil {
			return fmt.Errorf("tables: %w", err)
		}
		engines[name] = engine
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return db.layout.fits(db.options.Auth.Database, engines[first], engines[first+"_local"])
}

// fits compares the layout with the engines of a table and of the one below it on each server; "" is one that is not
// there. No statement turns the one into the other: a Distributed table would have to take the name of one with rows.
func (l Layout) fits(database, engine, local string) error {
	var is, should string
	switch {
	case engine == "":
	case l.Cluster == "" && engine == "Distributed":
		is, should = "for a cluster, and store.cluster is empty", "set store.cluster (and store.replicated: false for shards alone)"
	case l.Cluster != "" && engine != "Distributed":
		is, should = "for one server, and store.cluster is "+l.Cluster, "remove store.cluster, or name a new database in store.dsn and copy the rows there"
	case l.Cluster != "" && l.Replicated && local != "" && !strings.HasPrefix(local, "Replicated"):
		is, should = "for shards alone, and store.replicated is true", "set store.replicated: false, or name a new database in store.dsn and copy the rows there"
	case l.alone() && strings.HasPrefix(local, "Replicated"):
		is, should = "for a cluster with replicas, and store.replicated is false", "set store.replicated: true"
	}
	if is == "" {
		return nil
	}
	return fmt.Errorf("database %s: %w: %s; %s (deploy/README.md, \"A cluster\")", database, ErrOtherLayout, is, should)
}
