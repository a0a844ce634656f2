package chdbtest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kaisen/internal/chdb"
)

// Ask runs one statement in a database of the binary's engine, given by the DSN of Start, and returns the answer as curl
// would show it: tab-separated, unless the statement names a format.
func Ask(t testing.TB, dsn, sql string) (string, error) {
	t.Helper()
	return sharedEngine(t).Ask(dsn, sql)
}

// Ask is the function Ask on this engine.
func (e *Engine) Ask(dsn, sql string) (string, error) { return AskHTTP(e.HTTP(dsn), sql) }

// AskHTTP is Ask of any engine, given by a DSN for HTTP. It goes without clickhouse-go: this package serves the tests of
// those that use it.
func AskHTTP(dsn, sql string) (string, error) {
	target, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	if database := strings.TrimPrefix(target.Path, "/"); database != "" {
		args := target.Query()
		args.Set("database", database)
		target.RawQuery = args.Encode()
	}
	target.Path = "/"
	request, err := http.NewRequest(http.MethodPost, target.String(), strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	request.Close = true // an idle connection would look like a leak to the test
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", sql, response.Status, text)
	}
	return string(text), err
}

// HTTP is a database of the binary's engine, given by the DSN of Start, over HTTP.
func HTTP(t testing.TB, dsn string) string {
	t.Helper()
	return sharedEngine(t).HTTP(dsn)
}

// HTTP is the function HTTP on this engine; "" while it is away.
func (e *Engine) HTTP(dsn string) string {
	target, err := url.Parse(dsn)
	owner, busy := chdb.FindOwner(e.Folder())
	if err != nil || busy != nil || owner == nil {
		return ""
	}
	target.Scheme, target.Host = "http", owner.Listen
	return target.String()
}
