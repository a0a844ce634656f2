package clickhouse_test

import (
	"slices"
	"strings"
	"testing"

	"kaisen/schema"
)

// Forecasts that are asked a few contracts at a time, or each alone, are those of all of them, each line's once.
func TestForecastIsTheSameByPartsOfTheFleet(t *testing.T) {
	db := migrated(t)
	for _, fill := range fleet(50) { // in five contracts
		query(t, db, fill)
	}
	query(t, db, "INSERT INTO lines SELECT * REPLACE ('branch' AS source) FROM lines WHERE contract_id = 'N000000003'") // nothing else is known of them
	var whole []schema.LineForecast
	for _, most := range []uint64{1000, 20, 1} {
		rows, err := db.ForecastOf(t.Context(), "hq", most)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(rows, func(a, b schema.LineForecast) int { return strings.Compare(a.LineNo, b.LineNo) })
		switch {
		case most == 1000:
			whole = rows
			if len(whole) != 50 || whole[1].MonthEndBytes == 0 || !whole[1].ExhaustionAt.Known {
				t.Fatalf("%d forecasts, the second of which is %+v", len(whole), whole[1])
			}
		case !slices.Equal(rows, whole):
			t.Errorf("%d lines at a time: %d forecasts that are not the %d of all at once", most, len(rows), len(whole))
		}
	}
	if rows, err := db.Forecast(t.Context(), "branch"); err != nil || len(rows) > 0 {
		t.Errorf("%d forecasts of lines of which no figures are known: %v", len(rows), err)
	}
}
