package clickhouse_test

import "testing"

// Each case is a contract of its own, and its pool was worked out by hand, by the definition in 0005_views.sql.
func TestDataSharePools(t *testing.T) {
	member := func(line, at, figures string) string { return "('" + line + "', '2026-" + at + "', " + figures + ")" }
	tests := []struct {
		name    string
		members []string // line_no, status, member
		answers []string // line_no, observed_at, month_bytes, remaining_bytes, restriction
		want    []string // members, month_bytes, remaining_bytes, quota_bytes, remaining_ratio, restriction, disagreeing_members, observed_at
	}{
		{"the one asked last", []string{"('1', 'registered', true)", "('2', 'removal_reserved', true)"},
			[]string{member("1", "05-20 10:00:05", "75, 25, 'none'"), member("2", "05-20 10:00:00", "60, 40, 'recent'")},
			[]string{"2 75 25 100 0.25 none 0 2026-05-20 10:00:05.000"}},
		{"only members that draw from it", []string{"('1', 'registered', true)", "('2', 'reserved', true)", "('3', 'registered', false)", "('4', 'unknown', true)"},
			[]string{member("1", "05-20 10:00:00", "75, 25, 'none'"), member("2", "05-20 11:00:00", "1, 1, 'none'"), member("3", "05-20 11:00:00", "99, 99, 'none'"), member("5", "05-20 12:00:00", "3, 3, 'none'")},
			[]string{"1 75 25 100 0.25 none 0 2026-05-20 10:00:00.000"}},
		{"none has answered yet", []string{"('1', 'registered', true)", "('2', 'registered', true)"}, nil,
			[]string{`2 \N \N \N \N \N 0 \N`}},
		{"NULL stays NULL and disagrees with nothing", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "75, NULL, 'unknown'"), member("2", "05-20 10:00:00", "NULL, 40, 'none'")},
			[]string{`2 75 \N \N \N unknown 0 2026-05-20 10:00:05.000`}},
		{"asked earlier and answered more", []string{"('1', 'registered', true)", "('2', 'registered', true)", "('3', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "75, 25, 'none'"), member("2", "05-20 10:00:00", "76, 24, 'none'"), member("3", "05-20 10:00:01", "75, 25, 'none'")},
			[]string{"3 75 25 100 0.25 none 1 2026-05-20 10:00:05.000"}},
		{"volume added since", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "75, 125, 'none'"), member("2", "05-20 10:00:00", "75, 25, 'none'")},
			[]string{"2 75 125 200 0.625 none 0 2026-05-20 10:00:05.000"}},
		{"a volume that shrank", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "75, 25, 'none'"), member("2", "05-20 10:00:00", "70, 130, 'none'")},
			[]string{"2 75 25 100 0.25 none 1 2026-05-20 10:00:05.000"}},
		{"the same moment and other figures", []string{"('1', 'registered', true)", "('2', 'registered', true)", "('3', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "74, 26, 'none'"), member("2", "05-20 10:00:05", "75, 20, 'none'"), member("3", "05-20 10:00:05", "75, 25, 'none'")},
			[]string{"3 75 25 100 0.25 none 2 2026-05-20 10:00:05.000"}},
		{"a volume used up", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "05-20 10:00:05", "105, 0, 'monthly'"), member("2", "05-20 10:00:00", "104, 0, 'monthly'")},
			[]string{"2 105 0 105 0 monthly 0 2026-05-20 10:00:05.000"}},
		{"asked the month before", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "06-01 10:00:05", "5, 95, 'none'"), member("2", "05-31 10:00:00", "75, 25, 'none'")},
			[]string{"2 5 95 100 0.95 none 0 2026-06-01 10:00:05.000"}},
		{"figures that turn late", []string{"('1', 'registered', true)", "('2', 'registered', true)"},
			[]string{member("1", "06-01 02:00:00", "5, 95, 'none'"), member("2", "06-01 00:10:00", "75, 25, 'none'")},
			[]string{"2 5 95 100 0.95 none 0 2026-06-01 02:00:00.000"}},
		{"nothing at all", []string{"('1', 'registered', true)"}, []string{member("1", "05-20 10:00:00", "0, 0, 'none'")},
			[]string{`1 0 0 0 \N none 0 2026-05-20 10:00:00.000`}},
	}
	db := migrated(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			byHand(t, db, "data_share_members", columns{"contract_id": tt.name, "observed_at": "2026-05-20 00:00:00"}, membersByHand, tt.members...)
			if len(tt.answers) > 0 {
				byHand(t, db, "traffic_samples", columns{"contract_id": tt.name, "scope": "data_share"}, groupByHand, tt.answers...)
			}
			sameRows(t, db, "SELECT members, month_bytes, remaining_bytes, quota_bytes, remaining_ratio, restriction, disagreeing_members, observed_at FROM data_share_pools WHERE contract_id = '"+tt.name+"'", tt.want)
		})
	}
}

// A line that has left the group takes its answers with it; each contract has its own pool.
func TestDataSharePoolsFollowTheMembers(t *testing.T) {
	db := migrated(t)
	byHand(t, db, "data_share_members", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, membersByHand, "('1', 'registered', true)", "('2', 'registered', true)")
	query(t, db, "INSERT INTO data_share_members (source, contract_id, line_no, status, member, observed_at) SELECT 'hq', 'N000000002', '9', 'registered', true, '2026-05-20 00:00:00'")
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "data_share"}, groupByHand, "('1', '2026-05-20 10:00:00', 75, 25, 'none')", "('2', '2026-05-20 10:00:01', 76, 24, 'none')")
	const sql = "SELECT contract_id, members, month_bytes, disagreeing_members FROM data_share_pools ORDER BY contract_id"
	sameRows(t, db, sql, []string{"N000000001 2 76 0", `N000000002 1 \N 0`})
	byHand(t, db, "data_share_members", columns{"contract_id": "N000000001", "observed_at": "2026-05-21 00:00:00"}, membersByHand, "('2', 'registered', false)")
	sameRows(t, db, sql, []string{"N000000001 1 75 0", `N000000002 1 \N 0`})
}
