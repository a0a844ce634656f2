package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

// stateSQL is what State asks, by table. Days and months reach back from the newest known of the source, which is
// the carrier's calendar and not this machine's: 33 days hold the 31 that an answer tells and two nights of doubt.
const (
	linesSQL = `SELECT source, contract_id, line_no, state, origin, start_date, plan_code, access, option_codes, sim_type, sim_number,
	device_name, imei, authentication_type, act_ip_address, sby_ip_address, roaming_ip_address, authentication_id, note, imei_option,
	data_share, first_seen, last_seen, observed_at
FROM lines FINAL WHERE source = {source:String} ORDER BY contract_id, line_no`
	membersSQL = `SELECT source, contract_id, line_no, status, reserve_id, member, observed_at
FROM data_share_members FINAL WHERE source = {source:String} ORDER BY contract_id, line_no`
	trafficSQL = `SELECT source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes,
	limit_status1, limit_status2, restriction, monthly_limit_start, daily_limit_start, limit_cause
FROM traffic_latest FINAL WHERE source = {source:String} ORDER BY contract_id, line_no, scope`
	sessionsSQL = `SELECT source, contract_id, line_no, observed_at, received_at, session_type, connected, result_code
FROM session_latest FINAL WHERE source = {source:String} ORDER BY contract_id, line_no`
	dailySQL = `SELECT source, contract_id, line_no, scope, day, bytes, observed_at
FROM traffic_daily FINAL
WHERE source = {source:String} AND day > (SELECT max(day) FROM traffic_daily WHERE source = {source:String}) - 33
ORDER BY contract_id, line_no, scope, day`
	monthlySQL = `SELECT source, contract_id, line_no, scope, month, bytes, observed_at
FROM traffic_monthly FINAL
WHERE source = {source:String} AND month > addMonths((SELECT max(month) FROM traffic_monthly WHERE source = {source:String}), -4)
ORDER BY contract_id, line_no, scope, month`
	watermarksSQL = `SELECT source, contract_id, log, watermark, observed_at
FROM log_watermarks FINAL WHERE source = {source:String} ORDER BY contract_id, log`
	authenticationsSQL = `SELECT source, contract_id, line_no, event_time, session_type, result, ordinal, observed_at
FROM authentications FINAL
WHERE source = {source:String} AND contract_id = {contract:String} AND event_time >= fromUnixTimestamp({since:Int64})
ORDER BY line_no, event_time, session_type, result, ordinal`
	sessionEventsSQL = `SELECT source, contract_id, line_no, event_time, session_type, event, ordinal, observed_at
FROM session_events FINAL
WHERE source = {source:String} AND contract_id = {contract:String} AND event_time >= fromUnixTimestamp({since:Int64})
ORDER BY line_no, event_time, session_type, event, ordinal`
	productsSQL = `SELECT source, contract_id, product_code, product_name, course_type_code, course_type, device_codes, device_names,
	device_short_names, device_types, sim_type_codes, sim_types, device_access, option_codes, option_names, option_access, offered, observed_at
FROM products FINAL WHERE source = {source:String} ORDER BY contract_id, product_code, product_name`
	ordersSQL = `SELECT source, contract_id, order_id, number, applied, requested, scheduled, status_code, status, error_id, error_text,
	cancel_order_id, cancel_status_code, cancel_status, cancel_error_id, cancel_error_text, cancel_reference_error_id,
	cancel_reference_error_text, told_by, gone, first_seen, status_since, observed_at
FROM orders FINAL WHERE source = {source:String} ORDER BY contract_id, order_id, number`
)

// State reads what a collector and an exporter need to go on where an earlier process stopped: of one source, or of
// none at all where the database is new. Log rows reach back by overlap from the watermark of their log. Lists are
// ordered by contract and line, then by scope and time.
func (db *DB) State(ctx context.Context, source string, overlap time.Duration) (schema.State, error) {
	var st schema.State
	of := clickhouse.Named("source", source)
	names := names{}
	for _, read := range []func() error{
		func() error { return collect(ctx, db, &st.Lines, names.line, linesSQL, of) },
		func() error { return collect(ctx, db, &st.Members, names.member, membersSQL, of) },
		func() error { return collect(ctx, db, &st.Traffic, names.traffic, trafficSQL, of) },
		func() error { return collect(ctx, db, &st.Sessions, names.session, sessionsSQL, of) },
		func() error { return collect(ctx, db, &st.Daily, names.daily, dailySQL, of) },
		func() error { return collect(ctx, db, &st.Monthly, names.monthly, monthlySQL, of) },
		func() error { return collect(ctx, db, &st.Watermarks, names.watermark, watermarksSQL, of) },
		func() error {
			return latest(ctx, db, &st.ServiceOrders, "service_orders", "service, order_request_num, contract_id", of)
		},
		func() error {
			return latest(ctx, db, &st.IPoEProducts, "ipoe_products", "product_code, customer_product_id", of)
		},
		func() error { return latest(ctx, db, &st.IPoESites, "ipoe_sites", "customer_site_code", of) },
		func() error { return latest(ctx, db, &st.IPoEOrders, "ipoe_orders", "order_code", of) },
		func() error { return collect(ctx, db, &st.Products, names.product, productsSQL, of) },
		func() error { return collect(ctx, db, &st.Orders, names.order, ordersSQL, of) },
	} {
		if err := read(); err != nil {
			return schema.State{}, fmt.Errorf("state of source %s: %w", source, err)
		}
	}
	for _, mark := range st.Watermarks {
		contract := clickhouse.Named("contract", mark.ContractID)
		since := clickhouse.Named("since", mark.Watermark.Add(-overlap).Unix())
		var err error
		switch mark.Log {
		case "authentications":
			err = collect(ctx, db, &st.Authentications, names.authentication, authenticationsSQL, of, contract, since)
		case "session_events":
			err = collect(ctx, db, &st.SessionEvents, names.sessionEvent, sessionEventsSQL, of, contract, since)
		}
		if err != nil {
			return schema.State{}, fmt.Errorf("state of source %s: %w", source, err)
		}
	}
	return st, nil
}

// collect runs a query and appends its rows.
func collect[R any](ctx context.Context, db *DB, into *[]R, scan func(driver.Rows, *R) error, sql string, args ...any) error {
	rows, err := db.conn.Query(ctx, sql, args...)
	if err != nil {
		return brief(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r R
		if err := scan(rows, &r); err != nil {
			return err
		}
		*into = append(*into, r)
	}
	return rows.Err()
}
