package exporter

import (
	"strings"

	"kaisen/schema"
)

// familyID numbers the metric families of the fleet, in the order in which they are exposed.
type familyID uint8

const (
	remainingBytes familyID = iota
	remainingRatio
	monthBytes
	todayBytes
	limitStatus
	restriction
	sessionConnected
	sessionRoaming
	lineInfo
	observedTimestamp
	exhaustionTimestamp
	shareRemaining
	shareMembers
	authentications
	sessionEvents
	familyCount
)

// family describes one metric family. A series has the labels of its subject (a line or a contract), then the family's
// own, whose values are fixed sets that are numbered here, so that a series in a piece is a number and a value.
type family struct {
	name     string
	help     string // also the place where a value's unit and source are told
	counter  bool   // else a gauge
	subject  []string
	labels   []string   // beyond the subject's
	variants [][]string // values of labels; nil where they are free, as in kaisen_line_info
}

// families is every family of lines, pools and logs. HELP texts must do as they are in both text formats: one line, no
// backslash, no double quote.
//
// The logs are counted by contract: whose session failed is a question for ClickHouse, and a counter of each line and
// code would be the largest family of all.
func families() [familyCount]family {
	line := lineLabels()
	contract := line[:2]
	scopes := []string{string(schema.ScopeLine), string(schema.ScopeDataShare)}
	const scoped = " of call 03 (scope line: the line's own) and call 09 (scope data_share: its group's)."
	return [familyCount]family{
		remainingBytes: {
			name: "kaisen_line_remaining_bytes", subject: line, labels: []string{"scope"}, variants: product(scopes),
			help: "Data volume left before the carrier throttles, in bytes: remainedDataVolume" + scoped +
				" Absent where the carrier does not tell; above 2^53 only ClickHouse is exact.",
		},
		remainingRatio: {
			name: "kaisen_line_remaining_ratio", subject: line, labels: []string{"scope"}, variants: product(scopes),
			help: "Share of the month's volume that is left, 0 to 1: remainedDataVolume / (remainedDataVolume + trafficThisMonth). " +
				"Absent where either is, or both are 0.",
		},
		monthBytes: {
			name: "kaisen_line_month_bytes", subject: line, labels: []string{"scope"}, variants: product(scopes),
			help: "Used in the carrier's current month, in bytes: trafficThisMonth" + scoped,
		},
		todayBytes: {
			name: "kaisen_line_today_bytes", subject: line, labels: []string{"scope"}, variants: product(scopes),
			help: "Used on the carrier's current day, in bytes: trafficToday" + scoped,
		},
		limitStatus: {
			name: "kaisen_line_limit_status", subject: line, labels: []string{"scope", "status"}, variants: product(scopes, []string{"1", "2"}),
			help: "The carrier's raw codes: limitStatus1 (0 to 3) and limitStatus2 (0 or 1). Absent where it sends NULL.",
		},
		restriction: {
			name: "kaisen_line_restriction", subject: line, labels: []string{"scope", "restriction"}, variants: product(scopes, restrictionNames()),
			help: "Throttling decided from limitStatus1 and limitStatus2 by the carrier's table: a state set, the value that holds is 1 and the others 0.",
		},
		sessionConnected: {
			name: "kaisen_line_session_connected", subject: line, variants: product(),
			help: "1 while the line has a session, 0 while it has none: sessionStatus of call 26.",
		},
		sessionRoaming: {
			name: "kaisen_line_session_roaming", subject: line, variants: product(),
			help: "1 while the line has a session abroad, 0 while it has one at home, or none: sessionType and sessionStatus of call 26.",
		},
		lineInfo: {
			name: "kaisen_line_info", subject: line, labels: []string{"plan_code", "access", "sim_type", "device_name", "data_share"},
			help: "Always 1, for joins: what call 02 tells of the line, and its place in the share group by call 10 (none where it is in no group).",
		},
		observedTimestamp: {
			name: "kaisen_line_observed_timestamp_seconds", subject: line, labels: []string{"job"}, variants: product(sampleJobs()),
			help: "When the carrier last told, by its own clock (the Date header of the answer), in seconds since 1970.",
		},
		exhaustionTimestamp: {
			name: "kaisen_line_exhaustion_timestamp_seconds", subject: line, variants: product(),
			help: "When the line is expected to have used up its volume, in seconds since 1970, from what it used on the days before. " +
				"Absent where that is not expected before the month ends, or nothing is known.",
		},
		shareRemaining: {
			name: "kaisen_data_share_remaining_bytes", subject: contract, variants: product(),
			help: "Data volume left in the contract's share group, in bytes: the newest remainedDataVolume that call 09 gave for any of its lines.",
		},
		shareMembers: {
			name: "kaisen_data_share_members", subject: contract, variants: product(),
			help: "Lines that draw from the contract's share group now: call 10, registered and those whose removal is only reserved.",
		},
		authentications: {
			name: "kaisen_authentications_total", counter: true, subject: contract, labels: []string{"result", "session_type"},
			variants: product(authResultNames(), sessionTypeNames()),
			help:     "New rows of the RADIUS authentication log (call 04) since kaisen started.",
		},
		sessionEvents: {
			name: "kaisen_session_events_total", counter: true, subject: contract, labels: []string{"event", "session_type"},
			variants: product(sessionEventNames(), sessionTypeNames()),
			help:     "New rows of the session log (call 05) since kaisen started.",
		},
	}
}

// lineLabels name a line; the first two of them name a contract.
func lineLabels() []string { return []string{"source", "contract_id", "line_no"} }

// product is every combination of the sets, the last one turning fastest; of no sets, the one empty combination.
func product(sets ...[]string) [][]string {
	rows := [][]string{nil}
	for _, set := range sets {
		var longer [][]string
		for _, row := range rows {
			for _, value := range set {
				longer = append(longer, append(row[:len(row):len(row)], value))
			}
		}
		rows = longer
	}
	return rows
}

// nameIn is the family's name in its comment lines: OpenMetrics names a counter without its suffix there.
func (f *family) nameIn(d dialect) string {
	if d == openMetrics && f.counter {
		return strings.TrimSuffix(f.name, "_total")
	}
	return f.name
}

func (f *family) typeName() string {
	if f.counter {
		return "counter"
	}
	return "gauge"
}
