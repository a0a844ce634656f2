package clickhouse_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// Lines of either log, of one source and no older than asked for, once each.
func TestLogLines(t *testing.T) {
	db := migrated(t)
	query(t, db, `INSERT INTO authentications (source, contract_id, line_no, event_time, session_type, result) VALUES
('hq', 'N000000001', '09000000001', '2026-05-20 10:00:00', 'domestic', 'ok'), ('hq', 'N000000001', '09000000001', '2026-05-20 11:00:00', 'domestic', 'ok'),
('hq', 'N000000001', '09000000002', '2026-05-20 09:59:59', 'domestic', 'ok'), ('branch', 'N000000001', '09000000003', '2026-05-20 10:00:00', 'domestic', 'ok')`)
	query(t, db, `INSERT INTO session_events (source, contract_id, line_no, event_time, session_type, event) VALUES
('hq', 'N000000001', '09000000001', '2026-05-20 10:00:01', 'domestic', 'start'), ('hq', 'N000000002', '09000000004', '2026-05-20 10:00:01', 'roaming', 'stop')`)
	got, err := db.LogLines(t.Context(), "hq", time.Date(2026, 5, 20, 10, 0, 0, 0, tokyo))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b schema.LineKey) int { return strings.Compare(a.LineNo, b.LineNo) })
	want := []schema.LineKey{
		{Source: "hq", ContractID: "N000000001", LineNo: "09000000001"},
		{Source: "hq", ContractID: "N000000002", LineNo: "09000000004"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The rows of one log of one contract, from one second to before another, with which of those alike they are.
func TestLogRows(t *testing.T) {
	db := migrated(t)
	query(t, db, `INSERT INTO session_events (source, contract_id, line_no, event_time, session_type, event, ordinal) VALUES
('hq', 'N000000001', '09000000001', '2026-05-20 09:59:59', 'domestic', 'start', 0), ('hq', 'N000000001', '09000000001', '2026-05-20 10:00:00', 'domestic', 'stop', 0),
('hq', 'N000000001', '09000000001', '2026-05-20 10:00:00', 'domestic', 'stop', 1), ('hq', 'N000000001', '09000000001', '2026-05-20 11:00:00', 'domestic', 'stop', 0),
('hq', 'N000000002', '09000000001', '2026-05-20 10:00:00', 'domestic', 'stop', 0), ('branch', 'N000000001', '09000000001', '2026-05-20 10:00:00', 'domestic', 'stop', 0)`)
	from := time.Date(2026, 5, 20, 10, 0, 0, 0, tokyo)
	got, err := db.LogRows(t.Context(), "hq", "N000000001", "session_events", from, from.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if rows := got.SessionEvents; len(rows) != 2 || rows[0].Ordinal+rows[1].Ordinal != 1 || !rows[0].EventTime.Equal(from) || len(got.Authentications) != 0 {
		t.Errorf("rows %+v, want two alike of 10:00:00", rows)
	}
	if _, err := db.LogRows(t.Context(), "hq", "N000000001", "lines", from, from.Add(time.Hour)); err == nil {
		t.Error("lines is no log")
	}
}
