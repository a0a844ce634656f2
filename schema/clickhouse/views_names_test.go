package clickhouse_test

import "testing"

// TestNamesInViews: line_status says what labels_file calls a line and says of it now, and near_cap_lines goes by the line's own
// threshold; rows that left the file, and ones that nobody can have written, count for nothing.
func TestNamesInViews(t *testing.T) {
	db := membersFixture(t) // of 3 and 5 nine tenths are left, of 4 one; 1 and 2 are a group that is restricted
	byHand(t, db, "line_names", columns{"contract_id": "N000000001"},
		`line_no String, name String, label_columns Array(String), label_values Array(String), present Bool, observed_at DateTime64(3, 'Asia/Tokyo')`,
		"('1', '渋谷カメラ3', ['department', 'site'], ['設備', ''], true, '2026-05-20 10:00:00')",
		"('3', 'x', ['near_cap_percent'], ['95'], true, '2026-05-20 10:00:00')",
		"('4', '', ['near_cap_percent'], ['10'], true, '2026-05-20 10:00:00')",
		"('5', 'gone', ['near_cap_percent'], ['100'], true, '2026-05-20 10:00:00')", "('5', '', [], [], false, '2026-05-20 11:00:00')",
		"('6', 'broken', ['a', 'near_cap_percent'], ['b'], true, '2026-05-20 10:00:00')",
		"('7', 'much', ['near_cap_percent'], ['much'], true, '2026-05-20 10:00:00')", "('9', 'more', ['near_cap_percent'], ['120'], true, '2026-05-20 10:00:00')",
		"('0', 'of no line', [], [], true, '2026-05-20 10:00:00')")
	sameRows(t, db, "SELECT line_no, name, labels['department'], length(labels), near_cap_ratio FROM line_status ORDER BY line_no", []string{
		"1 渋谷カメラ3 設備 1 0.2", "2   0 0.2", "3 x  1 0.95", "4   1 0.1", "5   0 0.2", "6 broken  1 0.2", "7 much  1 0.2", "8   0 0.2", "9 more  1 0.2",
	})
	sameRows(t, db, "SELECT line_no, name, near_cap_ratio FROM near_cap_lines ORDER BY line_no", []string{
		"1 渋谷カメラ3 0.2", "2  0.2", "3 x 0.95", "5  0.2", "9 more 0.2",
	})
}
