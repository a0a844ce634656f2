package clickhouse

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
)

// What a quorum makes of an insert is no row's fault: it is sent again, under the same token.
func TestAQuorumThatIsNotMetBlamesNoRow(t *testing.T) {
	for name, code := range map[string]int{"TOO_FEW_LIVE_REPLICAS": 285, "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE": 286, "REPLICA_IS_NOT_IN_QUORUM": 289,
		"UNKNOWN_STATUS_OF_INSERT": 319, "TABLE_IS_READ_ONLY": 242, "KEEPER_EXCEPTION": codeKeeper} {
		if isBadData(code) {
			t.Errorf("%s is taken for bad data", name)
		}
	}
}

// Settings in the DSN are those of inserts too, so that insert_quorum may stand there; and an insert that a setting has
// refused is stored once when it comes again.
func TestSettingsOfTheDSNAreThoseOfInserts(t *testing.T) {
	dsn := chdbtest.Start(t)
	opened := func(settings string) *DB {
		db, err := Open(t.Context(), Config{DSN: dsn + settings}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	plain, strict := opened(""), opened("?insert_quorum=2&max_partitions_per_insert_block=1")
	var quorum string
	if err := strict.conn.QueryRow(t.Context(), "SELECT toString(getSetting('insert_quorum'))").Scan(&quorum); err != nil || quorum != "2" {
		t.Errorf("insert_quorum is %q, %v", quorum, err)
	}
	if err := plain.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var batch schema.Batch
	for month := range 2 {
		at := time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
		batch.Traffic = append(batch.Traffic, schema.TrafficSample{LineKey: schema.LineKey{Source: "hq", ContractID: "N1", LineNo: "09012345678"},
			Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, Restriction: schema.RestrictionNone})
	}
	var refused *InsertError
	if err := strict.Insert(t.Context(), &batch); !errors.As(err, &refused) || refused.BadData() {
		t.Errorf("the setting of the DSN is not that of inserts: %v", err)
	}
	for range 2 {
		if err := plain.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	var rows uint64
	if err := plain.conn.QueryRow(t.Context(), "SELECT count() FROM traffic_samples").Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
}
