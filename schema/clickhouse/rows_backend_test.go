package clickhouse_test

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// backendRows are two rows of each table of the smaller APIs: one with a value of its own in every field, so that two
// columns which are mixed up are found, and one with nothing but its words and times.
func backendRows() schema.Batch {
	order := map[string]string{"order_type": "change", "status": "error_in_part"}
	return schema.Batch{
		ServiceOrders:       fullAndBare[schema.ServiceOrder](map[string]string{"order_type": "cancel", "status": "device_constructed"}),
		ServiceOrderDetails: fullAndBare[schema.ServiceOrderDetail](nil),
		IPoEProducts:        fullAndBare[schema.IPoEProduct](nil),
		IPoESites:           fullAndBare[schema.IPoESite](map[string]string{"status": "ended"}),
		IPoEOrders:          fullAndBare[schema.IPoEOrder](order),
	}
}

// fullAndBare has the bare row first, which is where an empty key sorts.
func fullAndBare[R any](words map[string]string) []R {
	var full, bare R
	n := 0
	eachColumn(reflect.ValueOf(&full).Elem(), "", func(column string, into reflect.Value) { n++; fillIn(n, column, into, words) })
	n = 0
	eachColumn(reflect.ValueOf(&bare).Elem(), "", func(column string, into reflect.Value) {
		n++
		if _, isWord := words[column]; isWord || column == "source" || into.Type() == reflect.TypeFor[time.Time]() {
			fillIn(n, column, into, words)
		}
	})
	return []R{bare, full}
}

// eachColumn visits the fields of a row that have columns.
func eachColumn(row reflect.Value, prefix string, visit func(column string, into reflect.Value)) {
	for i := range row.NumField() {
		f := row.Type().Field(i)
		switch tag := f.Tag.Get("column"); {
		case f.Anonymous || strings.HasSuffix(tag, "_"):
			eachColumn(row.Field(i), prefix+tag, visit)
		case tag != "":
			visit(prefix+tag, row.Field(i))
		}
	}
}

func fillIn(n int, column string, into reflect.Value, words map[string]string) {
	day := schema.DateOf(at(0, 0)).AddDays(n)
	var value any
	switch into.Interface().(type) {
	case string:
		if value = column + odd; column == "source" {
			value = key(1).Source
		}
	case []string:
		value = []string{column, "", odd}
	case []schema.Opt[schema.Date]:
		value = []schema.Opt[schema.Date]{schema.Some(day), {}}
	case bool:
		value = true
	case uint16:
		value = uint16(n)
	case schema.Opt[uint64]:
		value = schema.Some(uint64(n))
	case schema.Opt[schema.Date]:
		value = schema.Some(day)
	case time.Time:
		value = at(n%24, n%60)
	case schema.Opt[time.Time]:
		value = schema.Some(at(n%24, n%60))
	default:
		into.SetString(words[column])
		return
	}
	into.Set(reflect.ValueOf(value))
}

// What is inserted into each column is in that column, and the tables have no others.
func TestBackendColumnsHoldTheirFields(t *testing.T) {
	db := migrated(t)
	batch := backendRows()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, part := range batch.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		checked++
		want := map[string]string{}
		row := reflect.New(reflect.TypeOf(part.Rows.At(1))).Elem()
		row.Set(reflect.ValueOf(part.Rows.At(1)))
		eachColumn(row, "", func(column string, v reflect.Value) { want[column] = printed(v.Interface()) })
		if diff := cmp.Diff(want, lastRow(t, db, part.Table)); diff != "" {
			t.Errorf("%s (-inserted +stored):\n%s", part.Table, diff)
		}
	}
	if checked != 5 {
		t.Errorf("%d tables have rows, want 5", checked)
	}
}

// printed is a value as ClickHouse writes it in JSON.
func printed(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04:05.000")
	case schema.Opt[time.Time]:
		return v.V.Format("2006-01-02 15:04:05.000")
	case schema.Opt[schema.Date]:
		return v.V.String()
	case schema.Opt[uint64]:
		return fmt.Sprint(v.V)
	case []schema.Opt[schema.Date]:
		return fmt.Sprint([]any{v[0].V.String(), nil})
	default:
		return fmt.Sprint(v)
	}
}

// lastRow is the row of a table whose columns are full.
func lastRow(t *testing.T, db *clickhouse.DB, table string) map[string]string {
	t.Helper()
	body, err := db.Query(t.Context(), "SELECT * FROM "+table+" ORDER BY tuple(*) SETTINGS output_format_json_quote_64bit_integers = 0", "JSONEachRow")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var row map[string]any
	for decoder := json.NewDecoder(body); ; {
		var next map[string]any
		if err := decoder.Decode(&next); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		row = next
	}
	out := map[string]string{}
	for column, value := range row {
		out[column] = fmt.Sprint(value)
	}
	return out
}
