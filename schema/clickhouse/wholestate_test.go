package clickhouse_test

import (
	"testing"
	"time"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// wholeState is all that a start reads of a source, its days and months too.
func wholeState(t *testing.T, db *clickhouse.DB, source string, overlap time.Duration) schema.State {
	t.Helper()
	st, err := db.State(t.Context(), source, overlap)
	if err == nil {
		err = db.Figures(t.Context(), source, func(part schema.State) error {
			st.Append(part)
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}
