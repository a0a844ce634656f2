package clickhouse_test

import (
	"testing"

	"kaisen/schema/clickhouse"
)

// What is written by hand about lines whose group or plan decides.
const (
	linesByHand    = `line_no String, plan_code String, data_share String, state String`
	ownByHand      = `line_no String, scope String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64), restriction String`
	productsByHand = `product_code String, product_name String, course_type String, observed_at DateTime64(3, 'Asia/Tokyo')`
	findingsByHand = `operation String, reading String, value String, observed_at DateTime64(3, 'Asia/Tokyo')`
)

// membersFixture is a contract with a throttled group (1, 2), lines on their own (3 to 5) and lines whose plan may have no
// volume (6 to 9). 10:00 on 20 May is when all was told.
func membersFixture(t *testing.T) *clickhouse.DB {
	t.Helper()
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, linesByHand,
		"('1', 'P', 'registered', 'active')", "('2', 'P', 'removal_reserved', 'active')", "('3', 'P', 'reserved', 'active')", "('4', 'P', 'none', 'active')", "('5', 'P', 'none', 'active')",
		"('6', 'Z', 'none', 'active')", "('7', 'S', 'none', 'active')", "('8', 'U', 'none', 'active')", "('9', 'P', 'none', 'active')")
	byHand(t, db, "data_share_members", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, membersByHand,
		"('1', 'registered', true)", "('2', 'removal_reserved', true)", "('3', 'reserved', true)")
	byHand(t, db, "products", contract, productsByHand, "('Z', 'a', 'basic', '2026-05-19 10:00:00')", "('Z', 'b', 'zero', '2026-05-20 10:00:00')",
		"('S', 'a', 'spare', '2026-05-20 10:00:00')", "('U', 'a', 'unknown', '2026-05-20 10:00:00')", "('P', 'a', 'traffic', '2026-05-20 10:00:00')")
	byHand(t, db, "traffic_samples", contract, ownByHand,
		"('1', 'line', '2026-05-20 10:00:00', 10, 90, 'none')", "('2', 'line', '2026-05-20 10:00:00', 20, 0, 'recent')",
		"('1', 'data_share', '2026-05-20 10:00:01', 30, 0, 'monthly')", "('2', 'data_share', '2026-05-20 10:00:00', 29, 1, 'none')",
		"('3', 'line', '2026-05-20 10:00:00', 10, 90, 'none')", "('4', 'line', '2026-05-20 10:00:00', 90, 10, 'none')", "('5', 'line', '2026-05-20 10:00:00', 10, 90, 'recent')",
		"('6', 'line', '2026-05-20 10:00:00', 50, 0, 'none')", "('7', 'line', '2026-05-20 10:00:00', 50, 0, 'none')", "('8', 'line', '2026-05-20 10:00:00', 50, 0, 'none')",
		"('9', 'line', '2026-05-20 10:00:00', 50, 0, 'none')")
	return db
}

// A member is as call 09 told it, whatever call 03 says of it, with what is left to its group; nothing left of no volume is not near a cap.
func TestWhatDecidesForALine(t *testing.T) {
	db := membersFixture(t)
	sameRows(t, db, "SELECT line_no, cap_scope, restriction, line_restriction, share_restriction, remaining_bytes, cap_month_bytes, cap_remaining_bytes, cap_remaining_ratio, course_type, has_volume FROM line_status ORDER BY line_no", []string{
		`1 data_share monthly none monthly 90 30 0 0 traffic true`,
		`2 data_share none recent none 0 30 0 0 traffic true`,
		`3 line none none \N 90 10 90 0.9 traffic true`,
		`4 line none none \N 10 90 10 0.1 traffic true`,
		`5 line recent recent \N 90 10 90 0.9 traffic true`,
		`6 line none none \N 0 50 0 \N zero false`,
		`7 line none none \N 0 50 0 \N spare false`,
		`8 line none none \N 0 50 0 \N \N false`,
		`9 line none none \N 0 50 0 0 traffic true`,
	})
	sameRows(t, db, "SELECT line_no, restriction, quota_bytes, used_ratio, cap_scope FROM near_cap_lines ORDER BY line_no", []string{
		`1 monthly 30 1 data_share`, `2 none 30 1 data_share`, `4 none 100 0.9 line`, `5 recent 100 0.09999999999999998 line`, `9 none 50 1 line`,
	})
	sameRows(t, db, "SELECT line_no, exhaustion_at FROM near_cap_lines WHERE cap_scope = 'data_share' ORDER BY line_no",
		[]string{"1 2026-05-20 10:00:01", "2 2026-05-20 10:00:01"}) // their group's
	sameRows(t, db, "SELECT line_no, isNotNull(exhaustion_at), quota_bytes FROM line_forecast WHERE line_no IN ('6', '7', '8', '9') ORDER BY line_no",
		[]string{`6 0 \N`, `7 0 \N`, `8 0 \N`, `9 1 50`})
}

// A line of a plan whose course is not known has used up its volume if another one shows that there is one.
func TestAVolumeThatAnotherLineShows(t *testing.T) {
	for _, show := range []string{"('10', 'line', '2026-05-20 10:00:00', 10, 90, 'none')", "('10', 'line', '2026-05-20 10:00:00', 10, 0, 'monthly')"} {
		db := membersFixture(t)
		for state, want := range map[string]string{"removed": `8 \N false`, "active": `8 \N true`} {
			query(t, db, "TRUNCATE TABLE traffic_latest")
			query(t, db, "INSERT INTO traffic_latest SELECT * FROM traffic_samples")
			query(t, db, "DELETE FROM lines WHERE line_no = '10'")
			byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, linesByHand, "('10', 'U', 'none', '"+state+"')")
			byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001"}, ownByHand, show)
			sameRows(t, db, "SELECT line_no, course_type, has_volume FROM line_status WHERE line_no = '8'", []string{want})
		}
	}
}

// A group of which nobody was told anything is unknown: not what call 03 says of its members.
func TestAGroupThatNobodyWasToldOf(t *testing.T) {
	db := membersFixture(t)
	query(t, db, "DELETE FROM traffic_latest WHERE scope = 'data_share'")
	sameRows(t, db, "SELECT line_no, restriction, cap_remaining_bytes, has_volume, cap_observed_at FROM line_status WHERE line_no IN ('1', '2') ORDER BY line_no", []string{`1 \N \N \N \N`, `2 \N \N \N \N`})
}

// Episodes are kept as they were told, and say which of them decide.
func TestEpisodesThatDecide(t *testing.T) {
	db := membersFixture(t)
	sameRows(t, db, "SELECT line_no, scope, restriction, decides FROM restriction_episodes ORDER BY line_no, scope", []string{
		`1 data_share monthly true`, `2 line recent false`, `5 line recent true`,
	})
}

// Under reading line each member is told its own use: the group's is the sum of what is of the same month and day.
func TestDataSharePoolsOfMembersOwnUse(t *testing.T) {
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "data_share_members", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, membersByHand,
		"('1', 'registered', true)", "('2', 'registered', true)", "('3', 'registered', true)", "('4', 'registered', true)", "('5', 'reserved', true)", "('6', 'registered', true)")
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "data_share", "restriction": "none"},
		`line_no String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), today_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64)`,
		"('1', '2026-05-20 10:00:05', 20, 5, 40)", "('2', '2026-05-20 10:00:00', 90, 6, 41)", "('3', '2026-05-19 10:00:00', 30, 7, 50)", "('4', '2026-04-30 10:00:00', 500, 8, 9)",
		"('5', '2026-05-20 10:00:00', 1, 1, 1)", "('6', '2026-05-20 09:00:00', NULL, NULL, 41)")
	const sql = "SELECT members, month_bytes, today_bytes, remaining_bytes, quota_bytes, remaining_ratio, disagreeing_members FROM data_share_pools"
	group, line := []string{"5 20 5 40 60 0.6666666666666666 2"}, []string{"5 140 11 40 180 0.2222222222222222 0"}
	sameRows(t, db, sql, group)
	byHand(t, db, "carrier_findings", contract, findingsByHand, "('data_share_traffic', 'share_figures', 'line', '2026-05-20 09:00:00')", "('data_share_traffic', 'other', 'group', '2026-05-20 10:00:00')")
	sameRows(t, db, sql, line)
	byHand(t, db, "carrier_findings", contract, findingsByHand, "('data_share_traffic', 'share_figures', 'group', '2026-05-20 11:00:00')")
	sameRows(t, db, sql, group)
}

// Where what is left rises from one member's answer to a later one of another, each has a volume of its own.
func TestMembersWithVolumesOfTheirOwn(t *testing.T) {
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, linesByHand,
		"('1', 'P', 'registered', 'active')", "('2', 'P', 'registered', 'active')", "('3', 'P', 'registered', 'active')")
	byHand(t, db, "data_share_members", columns{"contract_id": "N000000001", "observed_at": "2026-05-20 00:00:00"}, membersByHand,
		"('1', 'registered', true)", "('2', 'registered', true)", "('3', 'registered', true)")
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "data_share"},
		`line_no String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64), restriction String`,
		"('1', '2026-05-20 10:00:00', 1000000000, 9000000000, 'none')", "('2', '2026-05-20 10:00:01', 9000000000, 1000000000, 'recent')", "('3', '2026-05-20 10:00:02', 2000000000, 8000000000, 'none')")
	const pool = "SELECT month_bytes, remaining_bytes, own_volumes FROM data_share_pools"
	const lines = "SELECT line_no, restriction, cap_month_bytes, cap_remaining_bytes, cap_remaining_ratio FROM line_status ORDER BY line_no"
	const near = "SELECT line_no FROM near_cap_lines ORDER BY line_no"
	sameRows(t, db, pool, []string{"2000000000 8000000000 false"})
	sameRows(t, db, near, []string{"2"}) // restricted, whatever is left to the group
	byHand(t, db, "carrier_findings", contract, findingsByHand, "('data_share_traffic', 'share_figures', 'line', '2026-05-20 11:00:00')")
	sameRows(t, db, pool, []string{"12000000000 18000000000 true"})
	sameRows(t, db, lines, []string{"1 none 1000000000 9000000000 0.9", "2 recent 9000000000 1000000000 0.1", "3 none 2000000000 8000000000 0.8"})
	sameRows(t, db, near, []string{"2"})
}

// A plan whose course is not known and that has had a volume keeps it when all its lines have come to 0.
func TestAPlanThatHasHadAVolume(t *testing.T) {
	db := membersFixture(t)
	sameRows(t, db, "SELECT line_no, has_volume FROM line_status WHERE line_no = '8'", []string{"8 false"})
	byHand(t, db, "carrier_findings", columns{"contract_id": "N000000001"}, findingsByHand, "('U', 'plan_volume', 'shown', '2026-05-20 09:00:00')")
	sameRows(t, db, "SELECT line_no, has_volume FROM line_status WHERE line_no = '8'", []string{"8 true"})
	sameRows(t, db, "SELECT line_no FROM near_cap_lines WHERE line_no = '8'", []string{"8"})
}
