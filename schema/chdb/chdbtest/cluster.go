package chdbtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ClusterName is what the engines of a test call the cluster that they are.
const ClusterName = "test"

// shardVariable holds the folder of a shard in a test binary that is to be it.
const shardVariable = "KAISEN_TEST_SHARD"

// Cluster is some engines of a test, each a shard of cluster "test", that know one another by their native addresses.
type Cluster struct {
	shards []*shard
}

// shard is one engine. It keeps its ports and its folder when it is killed and started again.
type shard struct {
	folder       string
	native, http string // addresses

	mu      sync.Mutex
	process *exec.Cmd
	ended   chan struct{}
	output  bytes.Buffer
}

// ClusterUser is an account on every shard beside the service's, with the same password.
type ClusterUser struct {
	Name   string
	Grants []string // what stands between GRANT and TO
}

// StartCluster starts n engines for one test, which may kill them.
func StartCluster(t testing.TB, n int, users ...ClusterUser) *Cluster {
	t.Helper()
	c := &Cluster{}
	addresses := freeAddresses(t, 2*n)
	for i := range n {
		folder, err := os.MkdirTemp("", "kaisen-shard-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(folder) })
		c.shards = append(c.shards, &shard{folder: folder, native: addresses[2*i], http: addresses[2*i+1]})
	}
	t.Cleanup(func() {
		for i := range c.shards {
			c.Kill(i)
		}
	})
	for _, s := range c.shards {
		if err := s.configure(c.shards, users); err != nil {
			t.Fatal(err)
		}
		if err := s.start(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range c.shards {
		c.Await(t, i)
	}
	return c
}

// freeAddresses are addresses of this machine on which nobody listens now.
func freeAddresses(t testing.TB, n int) []string {
	t.Helper()
	var addresses []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // none is given out twice
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// DSN is a database on a shard, over the native protocol.
func (c *Cluster) DSN(i int, database string) string {
	return "clickhouse://kaisen:k@" + c.shards[i].native + "/" + database
}

// HTTP is the same over HTTP.
func (c *Cluster) HTTP(i int, database string) string {
	return "http://kaisen:k@" + c.shards[i].http + "/" + database
}

// Address is a shard's native address.
func (c *Cluster) Address(i int) string { return c.shards[i].native }

// Kill ends a shard's process as a power cut would.
func (c *Cluster) Kill(i int) { c.shards[i].kill() }

// Restart starts a shard that was killed, and waits until it answers.
func (c *Cluster) Restart(t testing.TB, i int) {
	t.Helper()
	if err := c.shards[i].start(); err != nil {
		t.Fatal(err)
	}
	c.Await(t, i)
}

// Spread copies every row of a database on the first shard to another that is spread over all of them.
func (c *Cluster) Spread(t testing.TB, from, over string) {
	t.Helper()
	var statements []string
	base := "http://" + c.shards[0].http + "/?user=kaisen&password=k&distributed_foreground_insert=1"
	tables, err := answer(base, "SELECT name FROM system.tables WHERE database = '"+from+"' AND engine LIKE '%MergeTree' AND name NOT LIKE '%_latest' AND name != 'schema_migrations'")
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
		if err := post(base, statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Await waits until a shard answers.
func (c *Cluster) Await(t testing.TB, i int) {
	t.Helper()
	s := c.shards[i]
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for post("http://"+s.http+"/?user=kaisen&password=k", "SELECT 1") != nil {
		select {
		case <-s.ended:
			t.Fatalf("shard %d ended: %s", i+1, s.output.String())
		case <-ctx.Done():
			t.Fatalf("shard %d does not answer", i+1)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *shard) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output.Reset()
	s.process = exec.Command(os.Args[0])
	s.process.Env = append(os.Environ(), shardVariable+"="+s.folder)
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.ended = make(chan struct{})
	started := make(chan error)
	go func(process *exec.Cmd, ended chan struct{}) {
		runtime.LockOSThread() // the death signal is sent when the thread ends that started the child
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := process.Start()
		started <- err
		if err == nil {
			process.Wait()
		}
	}(s.process, s.ended)
	return <-started
}

func (s *shard) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.Process.Kill()
		<-s.ended
		s.process = nil
	}
}

// configure writes the engine's own configuration.
func (s *shard) configure(all []*shard, accounts []ClusterUser) error {
	var shards strings.Builder
	for _, other := range all {
		host, port, err := net.SplitHostPort(other.native)
		if err != nil {
			return err
		}
		fmt.Fprintf(&shards, "<shard><replica><host>%s</host><port>%s</port><user>kaisen</user><password>k</password></replica></shard>", host, port)
	}
	_, native, _ := net.SplitHostPort(s.native)
	_, http, _ := net.SplitHostPort(s.http)
	config := fmt.Sprintf(`<clickhouse>
<listen_host>127.0.0.1</listen_host><tcp_port>%s</tcp_port><http_port>%s</http_port>
<max_server_memory_usage>3000000000</max_server_memory_usage><timezone>Asia/Tokyo</timezone>
<users_config>%s</users_config>
<logger><log>%s</log><level>warning</level></logger>
<macros><cluster>%s</cluster></macros>
<remote_servers><%s>%s</%s></remote_servers>
</clickhouse>`, native, http, filepath.Join(s.folder, "users.xml"), filepath.Join(s.folder, "log"), ClusterName, ClusterName, shards.String(), ClusterName)
	var more strings.Builder
	for _, user := range accounts {
		fmt.Fprintf(&more, "<%s><password>k</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><grants>", user.Name)
		for _, grant := range user.Grants {
			fmt.Fprintf(&more, "<query>GRANT %s</query>", grant)
		}
		fmt.Fprintf(&more, "</grants></%s>", user.Name)
	}
	users := `<clickhouse><profiles><default><async_insert>0</async_insert><compile_expressions>0</compile_expressions></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile></default>
<kaisen><password>k</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><access_management>1</access_management></kaisen>` + more.String() + `</users>
<quotas><default/></quotas></clickhouse>`
	if err := os.WriteFile(filepath.Join(s.folder, "users.xml"), []byte(users), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, "config.xml"), []byte(config), 0o600)
}
