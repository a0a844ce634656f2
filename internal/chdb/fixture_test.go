package chdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// attackedEngine is an engine that is attacked: with its database "kaisen" and a table in it, an analyst, and a folder beside
// the data that the engine has no business in.
type attackedEngine struct {
	http, native string // addresses
	folder       string
	beside       string
	pid          func() int
	accounts     map[string]account
}

// account is how somebody logs in; without a name nothing is said at all.
type account struct{ name, password string }

// reader are rights and bounds like those of a person who only reads.
func reader(name, password string) chdb.User {
	return chdb.User{Name: name, Password: password,
		Grants: []string{"SELECT ON kaisen.*", "CREATE TEMPORARY TABLE ON *.*", "TABLE ENGINE ON Memory"},
		Settings: []chdb.Setting{{Name: "readonly", Value: "2", Bound: "CONST"}, {Name: "max_execution_time", Value: "60", Bound: "MIN 1 MAX 60"},
			{Name: "max_memory_usage", Value: "1000000000", Bound: "CONST"}},
	}
}

func build(t *testing.T, more ...chdb.User) attackedEngine {
	t.Helper()
	cfg := chdbtest.ChildConfig(filepath.Join(t.TempDir(), "data"))
	cfg.Users = more
	return buildAs(t, cfg)
}

func buildAs(t *testing.T, cfg chdb.SupervisorConfig) attackedEngine {
	t.Helper()
	cfg.Users = append(cfg.Users, reader("analyst", "open sesame"))
	engine := chdbtest.StartWith(t, cfg)
	owner, err := chdb.FindOwner(cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	password, err := chdb.Password(cfg.Path, chdb.ServiceUser)
	if err != nil {
		t.Fatal(err)
	}
	f := attackedEngine{http: owner.Listen, native: owner.Native, folder: cfg.Path, beside: t.TempDir(), pid: engine.Supervisor.PID, accounts: map[string]account{
		"nobody": {}, "default": {name: "default"}, "wrong password": {"analyst", "open rye"}, "analyst": {"analyst", "open sesame"}, "service": {chdb.ServiceUser, password},
	}}
	for _, sql := range []string{"CREATE DATABASE kaisen", "CREATE TABLE kaisen.t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO kaisen.t VALUES (42)"} {
		if text, err := f.ask(t.Context(), "service", sql); err != nil {
			t.Fatal(text, err)
		}
	}
	pid := f.pid()
	t.Cleanup(func() {
		if now := f.pid(); now != pid {
			t.Errorf("the engine died: process %d was %d", now, pid)
		}
	})
	return f
}

// request is one to the HTTP interface.
func (f attackedEngine) request(ctx context.Context, who, method, target, body string) *http.Request {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+f.http+target, strings.NewReader(body))
	if err != nil {
		panic(err) // a target that the test made
	}
	if a := f.accounts[who]; a.name != "" {
		request.SetBasicAuth(a.name, a.password)
	}
	return request
}

// do sends it, and returns the status, the headers and the text that came back.
func do(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Error(err)
		return &http.Response{Header: http.Header{}}, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		text = fmt.Appendf(text, "<%v>", err)
	}
	return response, string(text)
}

// ask runs a statement over HTTP; an error is what the engine said.
func (f attackedEngine) ask(ctx context.Context, who, sql string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(f.request(ctx, who, "POST", "/", sql))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(string(text))
	}
	return string(text), err
}

// open connects over the native protocol, one connection at a time.
func (f attackedEngine) open(t *testing.T, who string) clickhouse.Conn {
	t.Helper()
	a := f.accounts[who]
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{f.native}, Auth: clickhouse.Auth{Username: a.name, Password: a.password},
		MaxOpenConns: 1, MaxIdleConns: 1, ReadTimeout: 20 * time.Second, DialTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// mustAnswer checks that the engine still does what it is for, over both ports.
func (f attackedEngine) mustAnswer(t *testing.T) {
	t.Helper()
	if got, err := f.ask(t.Context(), "analyst", "SELECT a FROM kaisen.t"); got != "42\n" || err != nil {
		t.Errorf("over HTTP: %q, %v", got, err)
	}
	var a uint64
	if err := f.open(t, "analyst").QueryRow(t.Context(), "SELECT a FROM kaisen.t").Scan(&a); a != 42 || err != nil {
		t.Errorf("over the native protocol: %d, %v", a, err)
	}
}
