package clickhouse_test

import (
	"fmt"
	"testing"
	"time"

	"kaisen/schema"
)

// manyDays is more rows of a table than are sent at once.
func manyDays() schema.Batch {
	var b schema.Batch
	for i := range 30_000 {
		b.Daily = append(b.Daily, schema.TrafficDaily{
			LineKey: schema.LineKey{Source: "hq", ContractID: fmt.Sprint("N", i%700), LineNo: fmt.Sprint(i / 31)},
			Scope:   schema.ScopeLine, Day: schema.Date(20_000 + i%31), Bytes: uint64(i), ObservedAt: time.Unix(1_760_000_000, 0)})
	}
	return b
}

// An insert of several blocks has all rows, each with its own words, and is one insert for its repetition.
func TestBlocksAreOneInsert(t *testing.T) {
	db := migrated(t)
	batch := manyDays()
	for range 2 {
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	const wrong = "countIf(source != 'hq' OR contract_id != 'N' || toString(bytes % 700) OR line_no != toString(intDiv(bytes, 31)))"
	if got, want := query(t, db, "SELECT count(), uniqExact(bytes), "+wrong+" FROM traffic_daily"), "30000\t30000\t0\n"; got != want {
		t.Errorf("rows, different ones, and those with wrong words: %q, want %q", got, want)
	}
}

// Of an insert of several blocks, of which any is refused, nothing is stored, and the rows are blamed.
func TestABlockThatIsRefused(t *testing.T) {
	db := migrated(t)
	query(t, db, "ALTER TABLE traffic_daily ADD CONSTRAINT unlucky CHECK bytes != 1000000")
	for _, row := range []int{0, 9_000, 29_999} {
		for what, spoil := range map[string]func(*schema.TrafficDaily){
			"the server":    func(r *schema.TrafficDaily) { r.Bytes = 1_000_000 },
			"kaisen itself": func(r *schema.TrafficDaily) { r.Scope = "nonsense" },
		} {
			batch := manyDays()
			spoil(&batch.Daily[row])
			if err := db.Insert(t.Context(), &batch); err == nil || !isRefused(err) {
				t.Errorf("row %d, refused by %s: %v", row, what, err)
			}
			if got := query(t, db, "SELECT count() FROM traffic_daily"); got != "0\n" {
				t.Errorf("row %d was refused by %s, and of the others so many are stored: %s", row, what, got)
			}
		}
	}
}
