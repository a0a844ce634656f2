package unom

import "kaisen/internal/simulator/gateway"

// The points of UNO Mobile API v2.1 on which it may be read in more than one way.
const (
	readStopTime   = "session_stop_time"
	readReach      = "log_reach"
	readStart      = "log_start"
	readEnd        = "log_end"
	readShare      = "share_figures"
	readMember     = "member_restriction"
	readRemaining  = "remaining_zero"
	readEmpty      = "empty_answer"
	readUnit       = "figure_unit"
	readMonth      = "month_figure"
	troubleForbid  = "forbidden"
	troubleRadius  = "own_radius"
	troubleQuota   = "quota"
	troubleShrink  = "list_shrinks"
	troubleSide    = "side_404"
	troubleNoLine  = "lineNo_missing"
	troubleFigure  = "odd_figure"
	troubleOptions = "options"
	troubleTwice   = "twice"
	on             = "on"
)

// Switches are the readings of calls 01 to 30, and the troubles that are not the gateway's.
func (u *API) Switches() []gateway.Switch {
	return []gateway.Switch{
		{Name: readStopTime, Values: []string{"stop", "start"}, About: "which time call 05 has of a stop: its own, or that at which its session began"},
		{Name: readReach, Values: []string{"seconds", "calendar", "calendar_short"}, About: "how far calls 04 and 05 reach back: 30 times 24 hours, from the midnight before that, or from the one after; older starts are 400"},
		{Name: readStart, Values: []string{"inside", "outside"}, About: "whether rows of startTime's own second belong to the answer of calls 04 and 05"},
		{Name: readEnd, Values: []string{"outside", "inside"}, About: "whether rows of endTime's own second belong to the answer of calls 04 and 05"},
		{Name: readShare, Values: []string{"group", "line"}, About: "whose use call 09 tells: the group's, or the member's own; remaining volume and limit statuses are the group's"},
		{Name: readMember, Values: []string{"call_09", "both"}, About: "what call 03 of a group's member says of restriction: what follows from its own plan and use, or the same as call 09"},
		{Name: readRemaining, Values: []string{"used_up", "no_volume", "both"}, About: "what remainedDataVolume 0 is: a volume used up, a course without one (courseType 01 and 99; a volume used up has 1 MiB left), or either"},
		{Name: readEmpty, Values: []string{"list", "null", "missing", "204", "400", "404"}, About: "what calls 02, 04, 05, 07, 08 and 10 answer that find nothing; call 10 has 404 ⑥ where that is a list"},
		{Name: readUnit, Values: []string{"bytes", "mebibytes"}, About: "how exact figures of traffic are: to the byte, or rounded to whole MiB"},
		{Name: readMonth, Values: []string{"with_roaming", "without_roaming"}, About: "whether the months' figures have in them what was used abroad, as the days' do"},

		{Name: troubleForbid, Trouble: true, Values: []string{"off", "line"}, About: "one line of each contract answers 403 to calls 03, 09 and 26, in words of no document"},
		{Name: troubleRadius, Trouble: true, Values: []string{"off", "contract"}, About: "the first contract has a RADIUS of its own: 403 ⑧ to calls 04, 05 and 26"},
		{Name: troubleQuota, Trouble: true, Values: []string{"off", "line", "session"}, About: "resultCode 2 of call 26 always: of one line of each contract, or of all"},
		{Name: troubleShrink, Trouble: true, Values: []string{"off", "lines", "members", "orders", "null"}, About: "a list has a tenth of its rows: that of call 02, of call 10, of calls 07 and 08; or that of call 02 is NULL"},
		{Name: troubleSide, Trouble: true, Values: []string{"off", "26", "09"}, About: "the call knows no line: 404 ⑤"},
		{Name: troubleNoLine, Trouble: true, Values: []string{"off", on}, About: "rows of one line of each contract have no lineNo in calls 04 and 05"},
		{Name: troubleFigure, Trouble: true, Values: []string{"off", "dash", "comma", "unlimited", "negative", "object"}, About: "traffic9daysAgo is -, 7,521,435,648, 無制限, -1 or {}"},
		{Name: troubleOptions, Trouble: true, Values: []string{"listed", "shuffled"}, About: "optionCodeList has another order in every other answer"},
		{Name: troubleTwice, Trouble: true, Values: []string{"off", on}, About: "one line of each contract, and the first member, are listed twice in calls 02 and 10"},
	}
}

// msgForbidden is 403 in other words than those of row ⑧: no document has it.
const msgForbidden = "Forbidden"

// refused is the answer that a trouble gives to a call about a contract or a line.
func (u *API) refused(q *call) *gateway.Answer {
	is, operation := q.Readings, q.Operation
	aboutLine := operation == "traffic" || operation == "data_share_traffic" || operation == "session"
	switch {
	case aboutLine && is.Is(troubleForbid, "line") && q.line.Singled():
		return fail(403, msgForbidden)
	case is.Is(troubleRadius, "contract") && q.contract.Index == 0 &&
		(operation == "authentications" || operation == "sessions" || operation == "session"):
		return fail(403, msgNotComRadius)
	case operation == "session" && is.Is(troubleSide, "26"), operation == "data_share_traffic" && is.Is(troubleSide, "09"):
		return fail(404, msgNoLine)
	}
	return nil
}

// tooMany reports whether call 26 of a line answers resultCode 2.
func tooMany(q *call) bool {
	return q.Effects.Has(gateway.FaultTooMany) || q.Readings.Is(troubleQuota, "session") ||
		q.Readings.Is(troubleQuota, "line") && q.line.Singled()
}

// fewer are the rows of a list that are left of it, where it shrinks.
func fewer[T any](q *call, list string, rows []T) []T {
	if q.Readings.Is(troubleShrink, list) {
		return rows[:len(rows)/10]
	}
	return rows
}

// again is how often a row about a line is listed.
func again(q *call, singled bool) int {
	if q.Readings.Is(troubleTwice, on) && singled {
		return 2
	}
	return 1
}
