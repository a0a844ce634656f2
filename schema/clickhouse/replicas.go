package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/internal/sqltext"
	"kaisen/schema"
)

// ddlWait is how long a statement ON CLUSTER waits for its servers, unless the DSN sets distributed_ddl_task_timeout: a
// migration that meets a server which has just died ends after so long. ClickHouse itself would wait three minutes, and
// not say for whom.
const ddlWait = 30 * time.Second

// The codes of errors of statements ON CLUSTER.
const (
	codeNoQueue        = 139 // no <distributed_ddl> in the server's configuration
	codeReplicaExists  = 253
	codeQueueForbidden = 392
	codeKeeper         = 999
)

// inCluster are the settings of questions to all servers: one that is away is left out of the answer, within seconds.
const inCluster = " SETTINGS skip_unavailable_shards = 1, connect_timeout_with_failover_ms = 2000, handshake_timeout_ms = 5000, receive_timeout = 10"

// replica is a server of a cluster with replicas, as the server that the DSN names knows it.
type replica struct {
	place
	answers bool
	macros  map[string]string
}

// replicas are the servers of the cluster, with their macros where all of them answer.
func (db *DB) replicas(ctx context.Context) ([]replica, error) {
	places, err := db.places(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]replica, len(places))
	for i, p := range places {
		all[i] = replica{place: p, macros: map[string]string{}}
	}
	if err := db.askAll(ctx, all, "toString(dummy), ''", "one", "", func(r *replica, _, _ string) { r.answers = true }); err != nil {
		return nil, err
	}
	if away(all) != nil {
		return all, nil // every question waits for it anew
	}
	return all, db.askAll(ctx, all, "macro, substitution", "macros", "", func(r *replica, macro, value string) { r.macros[macro] = value })
}

// askAll asks every server that answers for two texts of each row of a system table.
func (db *DB) askAll(ctx context.Context, all []replica, columns, table, where string, found func(r *replica, a, b string)) error {
	name, err := db.clusterName(ctx)
	if err != nil {
		return err
	}
	// clusterAllReplicas takes every server for a shard of its own, and counts them in the order of system.clusters.
	rows, err := db.conn.Query(ctx, "SELECT _shard_num, "+columns+" FROM clusterAllReplicas("+sqltext.Quote(name)+", system."+table+")"+where+inCluster)
	if err != nil {
		return brief(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number uint32
		var a, b string
		if err := rows.Scan(&number, &a, &b); err != nil {
			return err
		}
		if number > 0 && int(number) <= len(all) {
			found(&all[number-1], a, b)
		}
	}
	return rows.Err()
}

// checkReplicas refuses to begin what cannot come to its end, or would end wrong: while a server is away nothing is
// changed, and without macros and a Keeper there is nothing that keeps replicas alike.
func (db *DB) checkReplicas(ctx context.Context) error {
	all, err := db.replicas(ctx)
	if err == nil {
		if err = away(all); err == nil {
			err = lackMacros(all)
		}
	}
	if err == nil {
		err = db.checkKeeper(ctx)
	}
	if err != nil {
		return fmt.Errorf("cluster %s: %w (deploy/README.md, \"A cluster\")", db.layout.Cluster, err)
	}
	return nil
}

// away is the error of servers that do not answer.
func away(all []replica) error {
	var silent []string
	for _, r := range all {
		if !r.answers {
			silent = append(silent, r.address())
		}
	}
	if len(silent) == 0 {
		return nil
	}
	return fmt.Errorf("no answer from %s, so nothing is changed; start it, or take it out of <remote_servers>, and run kaisen migrate again", strings.Join(silent, ", "))
}

// lackMacros is the error of servers that could not be told apart.
func lackMacros(all []replica) error {
	names := map[string]string{}
	for _, r := range all {
		for _, macro := range []string{"shard", "replica"} {
			if r.macros[macro] == "" {
				return fmt.Errorf("no macro {%s} on %s; add <macros><shard>…</shard><replica>…</replica></macros> to its configuration, another pair on each server", macro, r.address())
			}
		}
		pair := r.macros["shard"] + " and " + r.macros["replica"]
		if other, taken := names[pair]; taken {
			return fmt.Errorf("the macros {shard} and {replica} are %s on %s and on %s; no two servers may have the same pair", pair, other, r.address())
		}
		names[pair] = r.address()
	}
	return nil
}

// checkKeeper asks the server for its Keeper. One that nobody may ask is taken to be there.
func (db *DB) checkKeeper(ctx context.Context) error {
	err := db.conn.Exec(ctx, "SELECT count() FROM system.zookeeper WHERE path = '/'")
	switch codeOf(err) {
	case codeUnknownTable:
		return fmt.Errorf("%s has no Keeper; add <zookeeper> to the configuration of every server, or set store.replicated: false for shards alone", db.options.Addr[0])
	case codeKeeper:
		return fmt.Errorf("the Keeper of %s does not answer: %w", db.options.Addr[0], brief(err))
	}
	return nil
}

// joining are the servers that answer and lack any of the tables and views that the steps taken have made: new ones,
// or such as were away when they were made.
func (db *DB) joining(ctx context.Context, steps []schema.Migration) ([]string, error) {
	taken, err := db.taken(ctx)
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	all, err := db.replicas(ctx)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", db.layout.Cluster, err)
	}
	there := make(map[string]map[string]bool, len(all))
	err = db.askAll(ctx, all, "name, ''", "tables", " WHERE database = "+sqltext.Quote(db.options.Auth.Database), func(r *replica, name, _ string) {
		if there[r.address()] == nil {
			there[r.address()] = map[string]bool{}
		}
		there[r.address()][name] = true
	})
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", db.layout.Cluster, err)
	}
	made := made(steps, taken)
	var joining []string
	for _, r := range all {
		if r.answers && slices.ContainsFunc(made, func(name string) bool { return !there[r.address()][name] }) {
			joining = append(joining, r.address())
		}
	}
	return joining, nil
}

// run runs a statement of a layout: here, or on every server of the cluster, for which it waits a bounded time. A server
// that has not done it by then does it when it is back, because the statement is in Keeper's queue.
func (db *DB) run(ctx context.Context, statement string, args ...any) error {
	if db.layout.on() == "" || !strings.Contains(statement, db.layout.on()) {
		return db.conn.Exec(ctx, statement, args...)
	}
	settings := clickhouse.Settings{"distributed_ddl_output_mode": "null_status_on_timeout"}
	if _, set := db.options.Settings["distributed_ddl_task_timeout"]; !set {
		settings["distributed_ddl_task_timeout"] = int(min(ddlWait, db.options.ReadTimeout/2).Seconds())
	}
	rows, err := db.conn.Query(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), statement, args...)
	if err != nil {
		return db.explain(err)
	}
	defer rows.Close()
	silent := map[string]bool{}
	for rows.Next() {
		var host, text string
		var port uint16
		var status *int64
		var remaining, active uint64
		if err := rows.Scan(&host, &port, &status, &text, &remaining, &active); err != nil {
			return err
		}
		if status == nil {
			silent[place{host: host, port: port}.address()] = true
		}
	}
	if err := rows.Err(); err != nil {
		return db.explain(err)
	}
	if len(silent) > 0 {
		return fmt.Errorf("cluster %s: no answer from %s within distributed_ddl_task_timeout; it will do this statement when it is back: start it, and run kaisen migrate again for the rest",
			db.layout.Cluster, strings.Join(slices.Sorted(maps.Keys(silent)), ", "))
	}
	return nil
}

// explain adds to an error of a statement ON CLUSTER what to do.
func (db *DB) explain(err error) error {
	const see = " (deploy/README.md, \"A cluster\")"
	switch codeOf(err) {
	case codeNoQueue, codeQueueForbidden:
		return fmt.Errorf("cluster %s: %s takes no statements ON CLUSTER; add <distributed_ddl> to the configuration of every server"+see+": %w", db.layout.Cluster, db.options.Addr[0], err)
	case codeReplicaExists:
		return fmt.Errorf("a table of this name was dropped, and Keeper still knows it; drop tables with SYNC, or wait eight minutes, and run kaisen migrate again"+see+": %w", err)
	}
	return err
}

// prepareReplicas sees to the servers of a cluster with replicas before steps are taken. One that has joined since gets
// the tables and views as they are, and not by the steps: a replica may only be made with the columns that Keeper has.
func (db *DB) prepareReplicas(ctx context.Context, pending []schema.Migration) error {
	steps, err := Steps(db.layout)
	if err != nil {
		return err
	}
	joining, err := db.joining(ctx, steps)
	if err != nil || len(joining)+len(pending) == 0 {
		return err
	}
	if err := db.checkReplicas(ctx); err != nil || len(joining) == 0 {
		return err
	}
	db.log.Info("servers of the cluster lack tables or views; they are made there", "servers", strings.Join(joining, ", "))
	return db.join(ctx)
}

// join makes on all servers what this one has: tables, those over them, and views.
func (db *DB) join(ctx context.Context) error {
	rows, err := db.conn.Query(ctx, `SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND create_table_query != ''
ORDER BY multiIf(engine LIKE '%MergeTree', 0, engine = 'Distributed', 1, 2), name`)
	if err != nil {
		return brief(err)
	}
	defer rows.Close()
	var definitions []string
	for rows.Next() {
		var definition string
		if err := rows.Scan(&definition); err != nil {
			return err
		}
		definitions = append(definitions, definition)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := db.makeNamed(ctx, db.options.Auth.Database); err != nil {
		return err
	}
	name := regexp.MustCompile(`^CREATE (TABLE|VIEW|MATERIALIZED VIEW) (\S+)`)
	for _, definition := range definitions {
		m := name.FindStringSubmatch(definition)
		if m == nil {
			continue // none of ours
		}
		if err := db.run(ctx, "CREATE "+m[1]+" IF NOT EXISTS "+m[2]+db.layout.on()+definition[len(m[0]):]); err != nil {
			return fmt.Errorf("%s: %w", m[2], err)
		}
	}
	return nil
}
