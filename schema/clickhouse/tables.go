package clickhouse

import (
	"context"
	"slices"
	"time"

	"kaisen/schema"
)

// table is how rows R are inserted into one table.
type table[R any] struct {
	name    string
	columns []column[R]
}

// writer inserts rows into one table.
type writer interface {
	write(ctx context.Context, db *DB, rows schema.Rows) error
	hashes(rows schema.Rows, key []string) ([]uint64, error)
}

// newTables has every table that kaisen writes, by name.
func newTables() map[string]writer {
	return map[string]writer{
		"traffic_samples":       trafficTable(),
		"traffic_daily":         dailyTable(),
		"traffic_monthly":       monthlyTable(),
		"session_samples":       sessionTable(),
		"authentications":       authenticationTable(),
		"session_events":        sessionEventTable(),
		"lines":                 lineTable(),
		"line_changes":          lineChangeTable(),
		"data_share_members":    memberTable(),
		"contracts":             contractTable(),
		"products":              productTable(),
		"orders":                orderTable(),
		"service_orders":        serviceOrderTable(),
		"service_order_details": serviceOrderDetailTable(),
		"ipoe_products":         ipoeProductTable(),
		"ipoe_sites":            ipoeSiteTable(),
		"ipoe_orders":           ipoeOrderTable(),
		"sweeps":                sweepTable(),
		"dead_letters":          deadLetterTable(),
		"log_watermarks":        watermarkTable(),
	}
}

// keyed is a line table: the three columns of the key, then its own.
func keyed[R any](name string, key func(*R) *schema.LineKey, columns ...column[R]) table[R] {
	return table[R]{name, slices.Concat([]column[R]{
		text("source", func(r *R) string { return key(r).Source }),
		text("contract_id", func(r *R) string { return key(r).ContractID }),
		text("line_no", func(r *R) string { return key(r).LineNo }),
	}, columns)}
}

func trafficTable() table[schema.TrafficSample] {
	type row = schema.TrafficSample
	return keyed("traffic_samples", func(r *row) *schema.LineKey { return &r.LineKey },
		text("scope", func(r *row) schema.Scope { return r.Scope }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
		moment("received_at", func(r *row) time.Time { return r.ReceivedAt.Truncate(time.Second) }),
		optionalNumber("month_bytes", func(r *row) *schema.Opt[uint64] { return &r.MonthBytes }),
		optionalNumber("today_bytes", func(r *row) *schema.Opt[uint64] { return &r.TodayBytes }),
		optionalNumber("remaining_bytes", func(r *row) *schema.Opt[uint64] { return &r.RemainingBytes }),
		optionalNumber("limit_status1", func(r *row) *schema.Opt[uint8] { return &r.LimitStatus1 }),
		optionalNumber("limit_status2", func(r *row) *schema.Opt[uint8] { return &r.LimitStatus2 }),
		text("restriction", func(r *row) schema.Restriction { return r.Restriction }),
		optionalSecond("monthly_limit_start", func(r *row) *schema.Opt[time.Time] { return &r.MonthlyLimitStart }),
		optionalSecond("daily_limit_start", func(r *row) *schema.Opt[time.Time] { return &r.DailyLimitStart }),
		text("limit_cause", func(r *row) string { return r.LimitCause }),
	)
}

func dailyTable() table[schema.TrafficDaily] {
	type row = schema.TrafficDaily
	return keyed("traffic_daily", func(r *row) *schema.LineKey { return &r.LineKey },
		text("scope", func(r *row) schema.Scope { return r.Scope }),
		day("day", func(r *row) schema.Date { return r.Day }),
		number("bytes", func(r *row) uint64 { return r.Bytes }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func monthlyTable() table[schema.TrafficMonthly] {
	type row = schema.TrafficMonthly
	return keyed("traffic_monthly", func(r *row) *schema.LineKey { return &r.LineKey },
		text("scope", func(r *row) schema.Scope { return r.Scope }),
		day("month", func(r *row) schema.Date { return r.Month }),
		number("bytes", func(r *row) uint64 { return r.Bytes }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func sessionTable() table[schema.SessionSample] {
	type row = schema.SessionSample
	return keyed("session_samples", func(r *row) *schema.LineKey { return &r.LineKey },
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
		moment("received_at", func(r *row) time.Time { return r.ReceivedAt.Truncate(time.Second) }),
		text("session_type", func(r *row) schema.SessionType { return r.SessionType }),
		optionalBoolean("connected", func(r *row) *schema.Opt[bool] { return &r.Connected }),
		number("result_code", func(r *row) uint8 { return r.ResultCode }),
	)
}

func authenticationTable() table[schema.Authentication] {
	type row = schema.Authentication
	return keyed("authentications", func(r *row) *schema.LineKey { return &r.LineKey },
		second("event_time", func(r *row) time.Time { return r.EventTime }),
		text("session_type", func(r *row) schema.SessionType { return r.SessionType }),
		text("result", func(r *row) schema.AuthResult { return r.Result }),
		number("ordinal", func(r *row) uint16 { return r.Ordinal }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func sessionEventTable() table[schema.SessionEvent] {
	type row = schema.SessionEvent
	return keyed("session_events", func(r *row) *schema.LineKey { return &r.LineKey },
		second("event_time", func(r *row) time.Time { return r.EventTime }),
		text("session_type", func(r *row) schema.SessionType { return r.SessionType }),
		text("event", func(r *row) schema.SessionEventKind { return r.Event }),
		number("ordinal", func(r *row) uint16 { return r.Ordinal }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func lineTable() table[schema.Line] {
	type row = schema.Line
	return keyed("lines", func(r *row) *schema.LineKey { return &r.LineKey },
		text("state", func(r *row) schema.LineState { return r.State }),
		text("origin", func(r *row) schema.LineOrigin { return r.Origin }),
		optionalDay("start_date", func(r *row) *schema.Opt[schema.Date] { return &r.StartDate }),
		text("plan_code", func(r *row) string { return r.PlanCode }),
		text("access", func(r *row) string { return r.Access }),
		texts("option_codes", func(r *row) []string { return r.OptionCodes }),
		text("sim_type", func(r *row) string { return r.SIMType }),
		text("sim_number", func(r *row) string { return r.SIMNumber }),
		text("device_name", func(r *row) string { return r.DeviceName }),
		text("imei", func(r *row) string { return r.IMEI }),
		text("authentication_type", func(r *row) string { return r.AuthenticationType }),
		text("act_ip_address", func(r *row) string { return r.ACTIPAddress }),
		text("sby_ip_address", func(r *row) string { return r.SBYIPAddress }),
		text("roaming_ip_address", func(r *row) string { return r.RoamingIPAddress }),
		text("authentication_id", func(r *row) string { return r.AuthenticationID }),
		text("note", func(r *row) string { return r.Note }),
		text("imei_option", func(r *row) string { return r.IMEIOption }),
		text("data_share", func(r *row) schema.ShareStatus { return r.DataShare.Or(noShare) }),
		moment("first_seen", func(r *row) time.Time { return r.FirstSeen }),
		moment("last_seen", func(r *row) time.Time { return r.LastSeen }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

// noShare is what the column lines.data_share says of a line in no group.
const noShare schema.ShareStatus = "none"

func lineChangeTable() table[schema.LineChange] {
	type row = schema.LineChange
	return keyed("line_changes", func(r *row) *schema.LineKey { return &r.LineKey },
		text("field", func(r *row) string { return r.Field }),
		text("old", func(r *row) string { return r.Old }),
		text("new", func(r *row) string { return r.New }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func memberTable() table[schema.DataShareMember] {
	type row = schema.DataShareMember
	return keyed("data_share_members", func(r *row) *schema.LineKey { return &r.LineKey },
		text("status", func(r *row) schema.ShareStatus { return r.Status }),
		text("reserve_id", func(r *row) string { return r.ReserveID }),
		boolean("member", func(r *row) bool { return r.Member }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func sweepTable() table[schema.Sweep] {
	type row = schema.Sweep
	return table[row]{"sweeps", []column[row]{
		text("source", func(r *row) string { return r.Source }),
		text("job", func(r *row) string { return r.Job }),
		moment("started_at", func(r *row) time.Time { return r.StartedAt }),
		moment("finished_at", func(r *row) time.Time { return r.FinishedAt }),
		number("requests", func(r *row) uint64 { return r.Requests }),
		number("ok", func(r *row) uint64 { return r.OK }),
		number("failed", func(r *row) uint64 { return r.Failed }),
		number("throttled", func(r *row) uint64 { return r.Throttled }),
		number("rows", func(r *row) uint64 { return r.Rows }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	}}
}

func deadLetterTable() table[schema.DeadLetter] {
	type row = schema.DeadLetter
	return keyed("dead_letters", func(r *row) *schema.LineKey { return &r.LineKey },
		text("operation", func(r *row) string { return r.Operation }),
		text("reason", func(r *row) string { return r.Reason }),
		number("status", func(r *row) uint16 { return r.Status }),
		text("payload", func(r *row) string { return string(r.Payload) }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	)
}

func watermarkTable() table[schema.LogWatermark] {
	type row = schema.LogWatermark
	return table[row]{"log_watermarks", []column[row]{
		text("source", func(r *row) string { return r.Source }),
		text("contract_id", func(r *row) string { return r.ContractID }),
		text("log", func(r *row) string { return r.Log }),
		second("watermark", func(r *row) time.Time { return r.Watermark }),
		moment("observed_at", func(r *row) time.Time { return r.ObservedAt }),
	}}
}
