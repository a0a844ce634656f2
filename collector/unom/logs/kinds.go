package logs

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// Kind is what makes the two logs differ.
type Kind struct {
	Job string // that reads the log, as in the configuration; the call's operation has the same name
	// Fetch puts one query.
	Fetch func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (Answer, error)

	table string
	stops bool // it has rows of a session's stop
	add   func(b *schema.Batch, key schema.LineKey, row Row, ordinal uint16, at time.Time, zone *time.Location)
	// each goes through the rows that are stored: the contract, the row, and which of those alike it is.
	each func(state schema.State, do func(contract string, row Row, ordinal uint16))
}

// Authentications is the RADIUS log, call 04.
func Authentications() Kind {
	return Kind{
		Job: "authentications", table: "authentications",
		Fetch: func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (Answer, error) {
			answer, err := c.Authentications(ctx, contract, q)
			return toLog(answer, func(row api.Authentication) Row {
				return Row{row.LineNo, row.At.Unix(), row.Type, string(row.Result)}
			}), err
		},
		add: func(b *schema.Batch, key schema.LineKey, row Row, ordinal uint16, at time.Time, zone *time.Location) {
			b.Authentications = append(b.Authentications, schema.Authentication{LineKey: key,
				EventTime: time.Unix(row.At, 0).In(zone), SessionType: row.Session, Result: schema.AuthResult(row.Outcome),
				Ordinal: ordinal, ObservedAt: at})
		},
		each: func(state schema.State, do func(contract string, row Row, ordinal uint16)) {
			for _, row := range state.Authentications {
				do(row.ContractID, Row{row.LineNo, row.EventTime.Unix(), row.SessionType, string(row.Result)}, row.Ordinal)
			}
		},
	}
}

// Sessions is the session log, call 05.
func Sessions() Kind {
	return Kind{
		Job: "sessions", table: "session_events", stops: true,
		Fetch: func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (Answer, error) {
			answer, err := c.Sessions(ctx, contract, q)
			return toLog(answer, func(row api.SessionEvent) Row {
				return Row{row.LineNo, row.At.Unix(), row.Type, string(row.Event)}
			}), err
		},
		add: func(b *schema.Batch, key schema.LineKey, row Row, ordinal uint16, at time.Time, zone *time.Location) {
			b.SessionEvents = append(b.SessionEvents, schema.SessionEvent{LineKey: key,
				EventTime: time.Unix(row.At, 0).In(zone), SessionType: row.Session,
				Event: schema.SessionEventKind(row.Outcome), Ordinal: ordinal, ObservedAt: at})
		},
		each: func(state schema.State, do func(contract string, row Row, ordinal uint16)) {
			for _, row := range state.SessionEvents {
				do(row.ContractID, Row{row.LineNo, row.EventTime.Unix(), row.SessionType, string(row.Event)}, row.Ordinal)
			}
		},
	}
}

func toLog[T any](answer carrier.Answer[[]T], convert func(T) Row) Answer {
	rows := make([]Row, len(answer.Value))
	for i, row := range answer.Value {
		rows[i] = convert(row)
	}
	return Answer{Value: rows, ObservedAt: answer.ObservedAt, Said: answer.Said, Status: answer.Status, Payload: answer.Payload,
		Warnings: answer.Warnings}
}
