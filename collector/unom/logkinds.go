package unom

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// logKind is what makes the two logs differ.
type logKind struct {
	job, table string
	fetch      func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (logAnswer, error)
	add        func(b *schema.Batch, key schema.LineKey, row logRow, ordinal uint16, at time.Time, zone *time.Location)
}

func authenticationLog() logKind {
	return logKind{
		job: JobAuthentications, table: "authentications",
		fetch: func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (logAnswer, error) {
			answer, err := c.Authentications(ctx, contract, q)
			return toLog(answer, func(row api.Authentication) logRow {
				return logRow{row.LineNo, row.At.Unix(), row.Type, string(row.Result)}
			}), err
		},
		add: func(b *schema.Batch, key schema.LineKey, row logRow, ordinal uint16, at time.Time, zone *time.Location) {
			b.Authentications = append(b.Authentications, schema.Authentication{LineKey: key,
				EventTime: time.Unix(row.at, 0).In(zone), SessionType: row.session, Result: schema.AuthResult(row.outcome),
				Ordinal: ordinal, ObservedAt: at})
		},
	}
}

func sessionLog() logKind {
	return logKind{
		job: JobSessions, table: "session_events",
		fetch: func(ctx context.Context, c Carrier, contract string, q api.LogQuery) (logAnswer, error) {
			answer, err := c.Sessions(ctx, contract, q)
			return toLog(answer, func(row api.SessionEvent) logRow {
				return logRow{row.LineNo, row.At.Unix(), row.Type, string(row.Event)}
			}), err
		},
		add: func(b *schema.Batch, key schema.LineKey, row logRow, ordinal uint16, at time.Time, zone *time.Location) {
			b.SessionEvents = append(b.SessionEvents, schema.SessionEvent{LineKey: key,
				EventTime: time.Unix(row.at, 0).In(zone), SessionType: row.session,
				Event: schema.SessionEventKind(row.outcome), Ordinal: ordinal, ObservedAt: at})
		},
	}
}

func toLog[T any](answer carrier.Answer[[]T], convert func(T) logRow) logAnswer {
	rows := make([]logRow, len(answer.Value))
	for i, row := range answer.Value {
		rows[i] = convert(row)
	}
	return logAnswer{Value: rows, ObservedAt: answer.ObservedAt, Said: answer.Said, Status: answer.Status, Payload: answer.Payload,
		Warnings: answer.Warnings}
}
