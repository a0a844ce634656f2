package clickhouse

import (
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

// names keeps one copy of each string that recurs from row to row: a line has hundreds of rows, and clickhouse-go
// makes a new string for each.
type names map[string]string

func (n names) one(s *string) {
	if kept, ok := n[*s]; ok {
		*s = kept
		return
	}
	n[*s] = *s
}

func (n names) key(k *schema.LineKey) {
	n.one(&k.Source)
	n.one(&k.ContractID)
	n.one(&k.LineNo)
}

func (n names) line(rows driver.Rows, r *schema.Line) error {
	var share schema.ShareStatus
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, word(&r.State), word(&r.Origin), optDate(&r.StartDate), &r.PlanCode,
		&r.Access, &r.OptionCodes, &r.SIMType, &r.SIMNumber, &r.DeviceName, &r.IMEI, &r.AuthenticationType, &r.ACTIPAddress,
		&r.SBYIPAddress, &r.RoamingIPAddress, &r.AuthenticationID, &r.Note, &r.IMEIOption, word(&share),
		&r.FirstSeen, &r.LastSeen, &r.ObservedAt)
	if share != noShare {
		r.DataShare = schema.Some(share)
	}
	if len(r.OptionCodes) == 0 {
		r.OptionCodes = nil
	}
	n.key(&r.LineKey)
	return err
}

func (n names) member(rows driver.Rows, r *schema.DataShareMember) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, word(&r.Status), &r.ReserveID, &r.Member, &r.ObservedAt)
	n.key(&r.LineKey)
	return err
}

func (n names) traffic(rows driver.Rows, r *schema.TrafficSample) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, word(&r.Scope), &r.ObservedAt, &r.ReceivedAt,
		opt(&r.MonthBytes), opt(&r.TodayBytes), opt(&r.RemainingBytes), opt(&r.LimitStatus1), opt(&r.LimitStatus2),
		word(&r.Restriction), opt(&r.MonthlyLimitStart), opt(&r.DailyLimitStart), &r.LimitCause)
	n.key(&r.LineKey)
	return err
}

func (n names) session(rows driver.Rows, r *schema.SessionSample) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, &r.ObservedAt, &r.ReceivedAt, word(&r.SessionType), opt(&r.Connected), &r.ResultCode)
	n.key(&r.LineKey)
	return err
}

func (n names) daily(rows driver.Rows, r *schema.TrafficDaily) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, word(&r.Scope), date{&r.Day}, &r.Bytes, &r.ObservedAt)
	n.key(&r.LineKey)
	return err
}

func (n names) monthly(rows driver.Rows, r *schema.TrafficMonthly) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, word(&r.Scope), date{&r.Month}, &r.Bytes, &r.ObservedAt)
	n.key(&r.LineKey)
	return err
}

func (n names) watermark(rows driver.Rows, r *schema.LogWatermark) error {
	return rows.Scan(&r.Source, &r.ContractID, &r.Log, &r.Watermark, &r.ObservedAt)
}

func (n names) authentication(rows driver.Rows, r *schema.Authentication) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, &r.EventTime, word(&r.SessionType), word(&r.Result), &r.Ordinal, &r.ObservedAt)
	n.key(&r.LineKey)
	return err
}

func (n names) sessionEvent(rows driver.Rows, r *schema.SessionEvent) error {
	err := rows.Scan(&r.Source, &r.ContractID, &r.LineNo, &r.EventTime, word(&r.SessionType), word(&r.Event), &r.Ordinal, &r.ObservedAt)
	n.key(&r.LineKey)
	return err
}

// word scans an Enum8 into one of the vocabulary's string types.
func word[S ~string](into *S) *wordInto[S] { return &wordInto[S]{into} }

type wordInto[S ~string] struct{ into *S }

// Scan takes the enum's name.
func (w *wordInto[S]) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*w.into = S(v)
	default:
		return fmt.Errorf("%T is no name", src)
	}
	return nil
}

// opt scans a Nullable column.
func opt[V any](into *schema.Opt[V]) *optInto[V] { return &optInto[V]{into} }

type optInto[V any] struct{ into *schema.Opt[V] }

// Scan takes a value, a pointer to one, or nil for NULL.
func (o *optInto[V]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o.into = schema.Opt[V]{}
	case V:
		*o.into = schema.Some(v)
	case *V:
		*o.into = schema.Some(*v)
	default:
		return fmt.Errorf("%T is no %T", src, o.into.V)
	}
	return nil
}

// date scans a Date.
type date struct{ into *schema.Date }

// Scan takes a day's midnight.
func (d date) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("%T is no day", src)
	}
	*d.into = schema.DateOf(t)
	return nil
}

// optDate scans a Nullable(Date).
func optDate(into *schema.Opt[schema.Date]) *optDateInto { return &optDateInto{into} }

type optDateInto struct{ into *schema.Opt[schema.Date] }

// Scan takes a day's midnight, or nil for NULL.
func (d *optDateInto) Scan(src any) error {
	*d.into = schema.Opt[schema.Date]{}
	if src == nil {
		return nil
	}
	var day schema.Date
	err := date{&day}.Scan(src)
	*d.into = schema.Some(day)
	return err
}
