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

// Cluster is some engines of a test, each a shard of cluster "test", that know one another by their native addresses.
// A shard keeps its ports and its folder when it is killed and started again.
type Cluster struct {
	password string
	shards   []*Engine
}

// StartCluster starts n engines for one test, which may kill them. users are accounts on all of them beside the
// service's, which has the same password everywhere.
func StartCluster(t testing.TB, n int, users ...chdb.User) *Cluster {
	t.Helper()
	c := &Cluster{password: rand.Text()}
	var cluster []chdb.Shard
	addresses := porttest.Addresses(t, 2*n)
	for i := range n {
		cfg := ChildConfig(t.TempDir())
		cfg.Listen, cfg.ListenNative, cfg.Users, cfg.Database = addresses[2*i], addresses[2*i+1], users, "default"
		if err := os.WriteFile(chdb.PasswordFile(cfg.Path, chdb.ServiceUser), []byte(c.password), 0o600); err != nil {
			t.Fatal(err)
		}
		c.shards = append(c.shards, &Engine{config: cfg})
		cluster = append(cluster, chdb.Shard{Address: cfg.ListenNative, User: chdb.ServiceUser, Password: c.password})
	}
	t.Cleanup(func() {
		for _, s := range c.shards {
			s.End()
		}
	})
	for _, s := range c.shards {
		s.config.Clusters, s.config.Macros = map[string][]chdb.Shard{ClusterName: cluster}, map[string]string{"cluster": ClusterName}
		s.start()
	}
	for i := range c.shards {
		c.await(t, i)
	}
	return c
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
