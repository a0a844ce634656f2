package chdbtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// templateName is the database that StartFrom copies. No other name contains it.
const templateName = "template_of_tests"

// template is a database that was prepared once for all tests of the binary.
type template struct {
	once   sync.Once
	err    error
	tables []templateTable // in an order in which they can be made
	free   []*copied       // of tests that have ended
}

// templateTable is a table or a view of the template.
type templateTable struct {
	Name, Create string
	Rows         uint64
}

// StartFrom is Start with a database that has the tables, views and rows that prepare makes. Prepare is called once in a
// binary, with the DSN of an empty database, and what it has made is copied for every test: a migration of many steps takes
// several times as long. What an ended test has left as it was made serves the next one. Every call in a binary names the
// same prepare.
func StartFrom(t testing.TB, prepare func(dsn string) error) (dsn string) {
	t.Helper()
	e := sharedEngine(t)
	e.template.once.Do(func() { e.template.err = e.makeTemplate(prepare) })
	if e.template.err != nil {
		t.Fatalf("the template of the tests' databases: %v", e.template.err)
	}
	c, err := e.take()
	if err != nil {
		t.Fatalf("a copy of the template of the tests' databases: %v", err)
	}
	t.Cleanup(func() { e.give(c) })
	return e.named(c.database)
}

// StartHTTPFrom is StartFrom with the DSN of the HTTP interface.
func StartHTTPFrom(t testing.TB, prepare func(dsn string) error) (dsn string) {
	t.Helper()
	return HTTP(t, StartFrom(t, prepare))
}

// makeTemplate makes the template and notes how to copy it: tables first, then the views that ask them.
func (e *Engine) makeTemplate(prepare func(dsn string) error) error {
	if err := e.post("CREATE DATABASE " + templateName); err != nil {
		return err
	}
	dsn := e.named(templateName)
	if err := prepare(dsn); err != nil {
		return err
	}
	text, err := e.Ask(dsn, "SELECT name, create_table_query AS create, ifNull(total_rows, 0) AS rows FROM system.tables "+
		"WHERE database = currentDatabase() ORDER BY engine LIKE '%View', name FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0")
	for decoder := json.NewDecoder(strings.NewReader(text)); err == nil && decoder.More(); {
		var table templateTable
		err = decoder.Decode(&table)
		e.template.tables = append(e.template.tables, table)
	}
	return err
}

// in is the statement that makes the table in another database. A view is attached with the columns that it had: to create
// it the engine would plan its question again, which for some takes as long as ten tables.
func (t templateTable) in(database string) string {
	create := strings.ReplaceAll(t.Create, templateName+".", database+".")
	name := "VIEW " + database + "." + t.Name + " "
	if columns, isView := strings.CutPrefix(create, "CREATE "+name); isView {
		var id [16]byte
		rand.Read(id[:])
		return fmt.Sprintf("ATTACH %sUUID '%x-%x-%x-%x-%x' %s", name, id[:4], id[4:6], id[6:8], id[8:10], id[10:], columns)
	}
	return create
}

// isMaterialized reports whether it is a view that copies what is inserted.
func (t templateTable) isMaterialized() bool {
	return strings.HasPrefix(t.Create, "CREATE MATERIALIZED VIEW ")
}
