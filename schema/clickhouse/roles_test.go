package clickhouse_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// roleDatabase is an engine whose database kaisen was migrated by who has the role for it, and written to by who has
// that one. Its accounts are the roles of grants.sql, and those two of the embedded engine whose rights differ.
type roleDatabase struct {
	engine *chdbtest.Engine
	native string // host:port
	http   string
}

const rolePassword = "a password for tests"

// accountsOfFile translates grants.sql to accounts of the same names: the embedded engine stores no roles made by SQL
// (there is no writable user directory), but takes the same grants from its configuration. TestGrantsParse has the
// engine read the file itself.
func accountsOfFile(t *testing.T) []chdb.User {
	t.Helper()
	text, err := os.ReadFile("../grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]*chdb.User{}
	var names []string
	for _, statement := range statementsOf(string(text)) {
		m := regexp.MustCompile(`^(CREATE ROLE IF NOT EXISTS|REVOKE ALL ON \*\.\* FROM|ALTER ROLE|GRANT (.*) TO) (\w+)(?: SETTINGS (.*))?$`).FindStringSubmatch(statement)
		switch {
		case m == nil:
			t.Fatalf("what is %s?", statement)
		case strings.HasPrefix(m[1], "CREATE"):
			users[m[3]] = &chdb.User{Name: m[3], Password: rolePassword}
			names = append(names, m[3])
		case strings.HasPrefix(m[1], "GRANT"):
			users[m[3]].Grants = append(users[m[3]].Grants, m[2])
		}
		for setting := range strings.SplitSeq(m[4], ", ") {
			if s := regexp.MustCompile(`^(\w+)(?: = (\d+))?(?: (.*))?$`).FindStringSubmatch(setting); s != nil {
				users[m[3]].Settings = append(users[m[3]].Settings, chdb.Setting{Name: s[1], Value: s[2], Bound: s[3]})
			}
		}
	}
	var all []chdb.User
	for _, name := range names {
		all = append(all, *users[name])
	}
	return all
}

// accountsOfEngine are analyst and grafana as internal/app makes them.
func accountsOfEngine(t *testing.T, memory uint64) []chdb.User {
	t.Helper()
	roles, err := schema.Roles("kaisen", memory)
	if err != nil {
		t.Fatal(err)
	}
	var users []chdb.User
	for _, role := range roles {
		user := chdb.User{Name: strings.TrimPrefix(role.Name, "kaisen_"), Password: rolePassword, Grants: role.Grants}
		for _, setting := range role.Settings {
			user.Settings = append(user.Settings, chdb.Setting(setting))
		}
		users = append(users, user)
	}
	return users
}

func openRoles(t *testing.T) *roleDatabase {
	t.Helper()
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.Database, cfg.Memory = "kaisen", 1<<30
	cfg.Users = append(accountsOfFile(t), accountsOfEngine(t, cfg.Memory)...)
	r := &roleDatabase{engine: chdbtest.StartWith(t, cfg)}
	service := r.engine.Supervisor.DSN()
	made := clickhouse.DefaultConfig()
	made.DSN, made.CreateDatabase = service, true
	openWith(t, made)
	for _, dsn := range []string{service, r.engine.HTTP(service)} {
		target, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if target.Scheme == "http" {
			r.http = target.Host
		} else {
			r.native = target.Host
		}
	}
	migrator := open(t, r.dsn("clickhouse", schema.RoleMigrator))
	if err := migrator.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	batch := everyRow()
	if err := open(t, r.dsn("http", schema.RoleWriter)).Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	return r
}

// dsn is the database for an account over a protocol, clickhouse or http.
func (r *roleDatabase) dsn(protocol, user string) string {
	host := r.native
	if protocol == "http" {
		host = r.http
	}
	target := url.URL{Scheme: protocol, User: url.UserPassword(user, rolePassword), Host: host, Path: "/kaisen"}
	return target.String()
}

func (r *roleDatabase) connect(t *testing.T, protocol, user string) driver.Conn {
	t.Helper()
	return r.connectTo(t, r.dsn(protocol, user))
}

func (r *roleDatabase) connectTo(t *testing.T, dsn string) driver.Conn {
	t.Helper()
	options, err := chgo.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxOpenConns = 1 // a session, where the protocol has any
	conn, err := chgo.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// protocols are both.
func protocols() []string { return []string{"clickhouse", "http"} }

// code runs a statement and returns ClickHouse's error code: 0 where it works.
func code(t *testing.T, conn driver.Conn, sql string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 45*time.Second) // under the readers' MAX
	defer cancel()
	err := conn.Exec(ctx, sql)
	if err == nil {
		return 0
	}
	code := -1
	if m := regexp.MustCompile(`(?i)code: (\d+)`).FindStringSubmatch(err.Error()); m != nil {
		fmt.Sscan(m[1], &code)
	}
	if code < 0 {
		t.Logf("%s: %v", sql, err)
	}
	return code
}

// attempt is a statement with the code of its refusal; 0 works.
type attempt struct {
	sql  string
	code int
}

// try has an account attempt all, over both protocols.
func (r *roleDatabase) try(t *testing.T, user string, attempts []attempt) {
	for _, protocol := range protocols() {
		r.tryOver(t, protocol, user, attempts)
	}
}

// tryOver is try over one protocol.
func (r *roleDatabase) tryOver(t *testing.T, protocol, user string, attempts []attempt) {
	t.Run(user+" "+protocol, func(t *testing.T) {
		conn := r.connect(t, protocol, user)
		for _, a := range attempts {
			if got := code(t, conn, a.sql); got != a.code {
				t.Errorf("code %d, want %d: %s", got, a.code, a.sql)
			}
		}
	})
}
