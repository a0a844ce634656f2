package clickhouse_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// columnNames are the columns that the tags of the rows declare.
func columnNames(rows schema.Rows) []string {
	var names []string
	for _, c := range schema.Columns(reflect.TypeOf(rows.All()).Elem().Elem()) {
		names = append(names, c.Name)
	}
	return names
}

// Names of tables and columns stand in the migrations and beside the rows, and nowhere else: a column that is in one of
// them alone is a mistake.
func TestRowsHaveTheColumnsOfTheirTables(t *testing.T) {
	db := migrated(t)
	for _, part := range new(schema.Batch).Parts() {
		columns := query(t, db, "SELECT name FROM system.columns WHERE database = currentDatabase() AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') AND table = '"+part.Table+"' ORDER BY name")
		declared := columnNames(part.Rows)
		slices.Sort(declared)
		if diff := cmp.Diff(declared, strings.Fields(columns)); diff != "" {
			t.Errorf("%s (-row +table):\n%s", part.Table, diff)
		}
	}
}

// A spool may hold what an earlier kaisen had sent already: the same rows have to have the token that they had then.
func TestTokensAreThoseOfEarlierVersions(t *testing.T) {
	want := map[string]string{
		"authentications":       "3c0fe186901a9ee3",
		"carrier_findings":      "53615bc222ff717e",
		"contracts":             "2f334b6730474d63",
		"data_share_members":    "3f5a331474240543",
		"dead_letters":          "a8403a5b2017bee2",
		"ipoe_orders":           "5e86c79433ffefd9",
		"ipoe_products":         "9c80d9243560212c",
		"ipoe_sites":            "7432774fc1469de2",
		"line_changes":          "a45d09a46e2b3b62",
		"line_forecasts":        "e6ecffd849f565ef",
		"line_names":            "5c74064012a9dab4",
		"lines":                 "dbf9300a3b8a6fff",
		"log_watermarks":        "41113b6fe2e439c5",
		"orders":                "8fb50a6e0574863",
		"products":              "4572808b3fb42694",
		"service_order_details": "395c897ec3a44d7c",
		"service_orders":        "448a4649113560de",
		"session_events":        "2191400e548d8ca9",
		"session_samples":       "8fcf2e224eb5d594",
		"stale_after":           "9bc2440e5606edec",
		"sweeps":                "8a6d407a8f57ac79",
		"traffic_daily":         "31b7529b45956ec9",
		"traffic_monthly":       "77e5164d3d38417d",
		"traffic_samples":       "5a0e38688341540a",
	}
	got := map[string]string{}
	batch := everyRow()
	for _, part := range batch.Parts() {
		token, err := clickhouse.Token(part)
		if err != nil {
			t.Fatal(err)
		}
		got[part.Table] = token
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// mood is a row of a table that package schema does not know.
type mood struct {
	schema.LineKey
	Mood       string                  `column:"mood"`
	Since      schema.Opt[schema.Date] `column:"since"`
	Causes     []cause
	ObservedAt time.Time `column:"observed_at"`
}

type cause struct {
	Name  string `column:"cause_names"`
	Place string `column:"cause_places"`
}

// A table that is declared elsewhere is written and read back like all others.
func TestATableOfACollectorsOwn(t *testing.T) {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = chdbtest.Start(t)
	cfg.Tables = []schema.Table{schema.NewTable[mood]("moods", "contract_id, line_no")}
	db := openWith(t, cfg)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	query(t, db, `CREATE TABLE moods (source String, contract_id String, line_no String, mood LowCardinality(String), since Nullable(Date),
	cause_names Array(String), cause_places Array(String), observed_at DateTime64(3, 'Asia/Tokyo'))
	ENGINE = ReplacingMergeTree(observed_at) ORDER BY (source, contract_id, line_no) SETTINGS non_replicated_deduplication_window = 1000`)
	batch := everyRow()
	want := []mood{
		{LineKey: key(1), Mood: odd, Since: schema.Some(schema.DateOf(at(0, 0))), Causes: []cause{{"rain", odd}, {}}, ObservedAt: at(10, 0)},
		{LineKey: key(2), Mood: "fine", ObservedAt: at(10, 0)},
	}
	*schema.More[mood](&batch, "moods") = want
	for range 2 { // a replay adds nothing
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	if got := query(t, db, "SELECT count() FROM moods"); got != "2\n" {
		t.Errorf("%s rows", got)
	}
	st, err := db.State(t.Context(), key(1).Source, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *schema.More[mood](&st, "moods")); diff != "" {
		t.Error(diff)
	}
	batch = schema.Batch{}
	*schema.More[mood](&batch, "vices") = want
	if err := db.Insert(t.Context(), &batch); err == nil || isRefused(err) {
		t.Errorf("a table that nobody declared: %v", err)
	}
}

// What cannot be a column is a mistake in the program, and not found with the first row.
func TestRowsThatCannotBeATableAreRefused(t *testing.T) {
	for name, rows := range map[string]schema.Rows{
		"a type": schema.RowsIn(new([]struct {
			F float64 `column:"f"`
		})),
		"a time": schema.RowsIn(new([]struct {
			At time.Time `column:"at" time:"minutes"`
		})),
		"a time of a text": schema.RowsIn(new([]struct {
			F string `column:"f" time:"DateTime"`
		})),
		"a list of numbers": schema.RowsIn(new([]struct {
			L []struct {
				N uint64 `column:"n"`
			}
		})),
		"a list of lists": schema.RowsIn(new([]struct {
			L []struct {
				M []struct {
					S string `column:"s"`
				} `column:"m"`
			}
		})),
		"an absent word of none": schema.RowsIn(new([]struct {
			F string `column:"f" absent:"none"`
		})),
		"an absent number": schema.RowsIn(new([]struct {
			F schema.Opt[uint64] `column:"f" absent:"none"`
		})),
		"a whole without a word": schema.RowsIn(new([]struct{ F schema.Opt[cause] })),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			_, _ = clickhouse.Token(schema.Part{Table: "moods", Rows: rows})
		}()
	}
}
