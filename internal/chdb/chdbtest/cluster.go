package chdbtest

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"kaisen/internal/chdb"
	"kaisen/internal/porttest"
)

// ClusterName is what the engines of a test call the cluster that they are; the macro {cluster} stands for it.
const ClusterName = "test"

// Cluster is some engines of a test, each a shard of cluster "test" or a replica of one, that know one another by their
// native addresses. An engine keeps its ports and its folder when it is killed and started again.
type Cluster struct {
	password string
	shards   []*Engine
	replicas int // of each shard
}

// StartCluster starts n engines for one test, which may kill them. users are accounts on all of them beside the
// service's, which has the same password everywhere.
func StartCluster(t testing.TB, n int, users ...chdb.User) *Cluster {
	t.Helper()
	return startCluster(t, n, n, 1, users)
}

// StartGrowing is StartCluster of more engines than are shards yet: Grow makes them so.
func StartGrowing(t testing.TB, shards, engines int) *Cluster {
	t.Helper()
	return startCluster(t, engines, shards, 1, nil)
}

// StartReplicas is StartCluster with two engines a shard, of which the first n belong to the cluster. They have the
// macros of replicas; but the engine has neither Keeper nor ON CLUSTER, so each has rows of its own.
func StartReplicas(t testing.TB, n, engines int) *Cluster {
	t.Helper()
	return startCluster(t, engines, n, 2, nil)
}

func startCluster(t testing.TB, engines, members, replicas int, users []chdb.User) *Cluster {
	t.Helper()
	c := &Cluster{password: rand.Text(), replicas: replicas}
	addresses := porttest.Addresses(t, 2*engines)
	for i := range engines {
		cfg := ChildConfig(t.TempDir())
		cfg.Listen, cfg.ListenNative, cfg.Users, cfg.Database = addresses[2*i], addresses[2*i+1], users, "default"
		if err := os.WriteFile(chdb.PasswordFile(cfg.Path, chdb.ServiceUser), []byte(c.password), 0o600); err != nil {
			t.Fatal(err)
		}
		c.shards = append(c.shards, &Engine{config: cfg})
	}
	t.Cleanup(func() {
		for _, s := range c.shards {
			s.End()
		}
	})
	c.Grow(t, members)
	return c
}

// Grow makes the first n engines the cluster, and starts all of them with that.
func (c *Cluster) Grow(t testing.TB, n int) {
	t.Helper()
	var cluster []chdb.Shard
	for i, s := range c.shards[:n] {
		cluster = append(cluster, chdb.Shard{Address: s.config.ListenNative, User: chdb.ServiceUser, Password: c.password, Replica: i%c.replicas > 0})
	}
	for i, s := range c.shards {
		s.End()
		s.config.Clusters, s.config.Macros = map[string][]chdb.Shard{ClusterName: cluster}, map[string]string{"cluster": ClusterName}
		if c.replicas > 1 {
			s.config.Macros["shard"], s.config.Macros["replica"] = fmt.Sprint(1+i/c.replicas), fmt.Sprint("server", 1+i)
		}
		s.start()
	}
	for i := range c.shards {
		c.await(t, i)
	}
}

// Unname takes a macro from an engine, which starts again without it.
func (c *Cluster) Unname(t testing.TB, i int, macro string) {
	t.Helper()
	c.shards[i].End()
	delete(c.shards[i].config.Macros, macro)
	c.Restart(t, i)
}

// Name gives an engine a macro, and starts it again with it.
func (c *Cluster) Name(t testing.TB, i int, macro, value string) {
	t.Helper()
	c.shards[i].End()
	c.shards[i].config.Macros[macro] = value
	c.Restart(t, i)
}

// DSN is a database on a shard, over the native protocol.
func (c *Cluster) DSN(i int, database string) string {
	return c.dsn("clickhouse", c.shards[i].config.ListenNative, database)
}

// HTTP is the same over HTTP.
func (c *Cluster) HTTP(i int, database string) string {
	return c.dsn("http", c.shards[i].config.Listen, database)
}

func (c *Cluster) dsn(scheme, address, database string) string {
	return (&url.URL{Scheme: scheme, User: url.UserPassword(chdb.ServiceUser, c.password), Host: address, Path: "/" + database}).String()
}

// Address is a shard's native address.
func (c *Cluster) Address(i int) string { return c.shards[i].config.ListenNative }

// Kill ends a shard's process as a power cut would, and leaves it so.
func (c *Cluster) Kill(i int) {
	if pid := c.shards[i].Supervisor.PID(); pid != 0 {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	c.shards[i].End()
}

// Restart starts a shard that was killed, and waits until it answers.
func (c *Cluster) Restart(t testing.TB, i int) {
	t.Helper()
	c.shards[i].start()
	c.await(t, i)
}

func (c *Cluster) await(t testing.TB, i int) {
	t.Helper()
	if err := c.shards[i].await(); err != nil {
		t.Fatalf("shard %d: %v", i+1, err)
	}
}

// Spread copies every row of a database on the first shard to another that is spread over all of them.
func (c *Cluster) Spread(t testing.TB, from, over string) {
	t.Helper()
	var statements []string
	base := c.HTTP(0, "") + "?distributed_foreground_insert=1"
	tables, err := AskHTTP(base, "SELECT name FROM system.tables WHERE database = '"+from+"' AND engine LIKE '%MergeTree' AND name NOT LIKE '%_latest' AND name != 'schema_migrations'")
	if err != nil {
		t.Fatal(err)
	}
	for table := range strings.FieldsSeq(tables) {
		statements = append(statements, fmt.Sprintf("INSERT INTO %s.%s SELECT * FROM %s.%s", over, table, from, table))
	}
	if len(statements) < 20 {
		t.Fatalf("%d tables to copy", len(statements))
	}
	for _, statement := range statements {
		if _, err := AskHTTP(base, statement); err != nil {
			t.Fatal(err)
		}
	}
}
