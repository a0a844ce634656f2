package chdb

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ServiceUser is the account that kaisen itself uses: it writes rows, makes and changes tables, and ends questions.
const ServiceUser = "kaisen"

// User is an account of the engine.
type User struct {
	Name     string
	Password string    // never empty
	Grants   []string  // what stands between GRANT and TO: SELECT ON kaisen.*
	Settings []Setting // those of its profile
}

// Setting is a ClickHouse setting of a user, with how far a question may change it.
type Setting struct {
	Name, Value string // a Value of "" leaves it as it is
	Bound       string // "" free, "CONST" fixed, or "MIN a MAX b"
}

// Password returns the password of a built-in account, out of the file NAME.password in the data folder; the first
// call makes it. Only the owner of the file may read it.
func Password(path, user string) (string, error) {
	file := PasswordFile(path, user)
	for range 2 {
		content, err := os.ReadFile(file)
		if password := strings.TrimSpace(string(content)); err == nil && password != "" {
			return password, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("password of %s: %w", user, err)
		}
		if err := makePassword(file); err != nil {
			return "", fmt.Errorf("password of %s: %w", user, err)
		}
	}
	return "", fmt.Errorf("password of %s: %s is empty: remove it, and the next start makes another", user, file)
}

// PasswordFile is where the password of a built-in account lies.
func PasswordFile(path, user string) string { return filepath.Join(path, user+".password") }

// makePassword writes a new one, whole or not at all: of two processes that begin at once, both read the same.
func makePassword(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(file), "password-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(rand.Text() + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// everybody are settings of all accounts. Asynchronous inserts answer before the rows are safe. What is asked for the
// third time is compiled to machine code: half a second for line_forecast, which no question to 35 million samples has
// won back. The plans of EXPLAIN are drawn in a new way (26.7) that takes gigabytes for those of kaisen's views. And whoever
// reads an answer in a pager may stop reading for an hour; the engine's half a minute would end it in the middle.
func everybody() []Setting {
	return []Setting{
		{Name: "async_insert", Value: "0"}, {Name: "explain_query_plan_default", Value: "legacy"}, {Name: "http_send_timeout", Value: "3600"},
		{Name: "compile_expressions", Value: "0"}, {Name: "compile_aggregate_expressions", Value: "0"}, {Name: "compile_sort_description", Value: "0"},
	}
}

// fixed are settings that nobody may change. Some name files or addresses: of a schema, of a template, for the rows that
// could not be read; the engine's command line takes any. The others let the asker choose headers of the answer, so that a
// web page could make itself a friend.
func fixed() []Setting {
	var all []Setting
	for _, name := range []string{
		"format_schema", "output_format_schema", "format_template_row", "format_template_resultset", "format_avro_schema_registry_url",
		"input_format_record_errors_file_path", "rename_files_after_processing",
	} {
		all = append(all, Setting{Name: name, Bound: "CONST"})
	}
	return append(all, Setting{Name: "http_response_headers", Value: "{}", Bound: "CONST"}, Setting{Name: "add_http_cors_header", Value: "0", Bound: "CONST"})
}

// service is kaisen's own account. It has no right to any source of data but tables: no file(), url(), remote(), no
// dictionaries, no functions that run programs.
func (c Config) service() User {
	grants := []string{
		"SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, DROP DATABASE, DROP TABLE, DROP VIEW, " +
			"TRUNCATE, OPTIMIZE, SHOW, KILL QUERY, SYSTEM MERGES, SYSTEM FLUSH, SYSTEM DROP CACHE ON *.*",
	}
	engines := []string{"MergeTree", "ReplacingMergeTree", "AggregatingMergeTree", "SummingMergeTree", "Memory", "Null"}
	if len(c.Clusters) > 0 {
		engines = append(engines, "Distributed")
		grants = append(grants, "READ, WRITE ON REMOTE")
	}
	for _, engine := range engines {
		grants = append(grants, "TABLE ENGINE ON "+engine)
	}
	return User{Name: ServiceUser, Grants: grants}
}

// session is the account that the engine's own session logs in as, without a password because it has no way to give
// one. Its quota is what startListeners needs, so that whoever else logs in as "default" may ask nothing. (SELECT without
// a table costs no quota; the little memory keeps it harmless.)
func (c Config) session() (user User, quota int) {
	user = User{Name: "default", Grants: []string{"SYSTEM LISTEN ON *.*"}}
	if c.Open {
		user.Grants = append(user.Grants, "SELECT ON "+c.Database+".*")
		user.Settings = []Setting{{Name: "final", Value: "1"}}
		return user, 0
	}
	user.Settings = []Setting{{Name: "max_memory_usage", Value: "100000000", Bound: "CONST"}, {Name: "max_threads", Value: "1", Bound: "CONST"},
		{Name: "max_concurrent_queries_for_user", Value: "1", Bound: "CONST"}, {Name: "max_execution_time", Value: "5"}}
	return user, len(c.startListeners())
}

// accounts is the engine's users.xml.
func (c Config) accounts() string {
	session, quota := c.session()
	profiles, users := nested("default", settings(everybody())+settings(fixed())+constraints(fixed())), ""
	for _, user := range append([]User{session}, c.Users...) {
		profile := "profile_" + user.Name
		profiles += nested(profile, element("profile", "default")+settings(user.Settings)+constraints(user.Settings))
		networks, quotaName, secret := element("ip", "::/0"), "default", element("password_sha256_hex", hash(user.Password))
		if user.Name == session.Name {
			networks, quotaName, secret = element("ip", "127.0.0.1"), "session", element("password", "")
		}
		var grants string
		for _, grant := range user.Grants {
			grants += element("query", "GRANT "+grant)
		}
		database := ""
		if user.Name != ServiceUser && user.Name != session.Name { // the first makes it, the second is there before it
			database = element("default_database", c.Database)
		}
		users += nested(user.Name, secret+database+nested("networks", networks)+element("profile", profile)+element("quota", quotaName)+nested("grants", grants))
	}
	// A quota of 0 is none; two billion seconds are the longest there is, 63 years.
	limit := nested("interval", element("duration", "2000000000")+element("queries", fmt.Sprint(quota)))
	return "<clickhouse>" + nested("profiles", profiles) + nested("users", users) +
		nested("quotas", nested("default", "")+nested("session", limit)) + "\n</clickhouse>\n"
}

func settings(all []Setting) string {
	var x string
	for _, s := range all {
		if s.Value != "" {
			x += element(s.Name, s.Value)
		}
	}
	return x
}

func constraints(all []Setting) string {
	var x string
	for _, s := range all {
		var least, most string
		switch n, _ := fmt.Sscanf(s.Bound, "MIN %s MAX %s", &least, &most); {
		case s.Bound == "CONST":
			x += nested(s.Name, nested("const", ""))
		case n == 2:
			x += nested(s.Name, element("min", least)+element("max", most))
		}
	}
	return nested("constraints", x)
}

func hash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
