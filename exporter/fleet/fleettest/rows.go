// Package fleettest has what the tests of a fleet and of those who show it share: rows, and a reader of expositions that is
// Prometheus's own.
package fleettest

import (
	"fmt"
	"strings"
	"time"

	"kaisen/schema"
)

// LineKey is a line of the one contract of source hq.
func LineKey(lineNo string) schema.LineKey {
	return schema.LineKey{Source: "hq", ContractID: "N123456789", LineNo: lineNo}
}

// Answer is a traffic answer of now, with every figure.
func Answer(lineNo string, scope schema.Scope) schema.TrafficSample {
	now := time.Now()
	return schema.TrafficSample{
		LineKey: LineKey(lineNo), Scope: scope, ObservedAt: now, ReceivedAt: now,
		MonthBytes: schema.Some[uint64](3_000_000_000), TodayBytes: schema.Some[uint64](123_456), RemainingBytes: schema.Some[uint64](1_000_000_000),
		LimitStatus1: schema.Some[uint8](1), LimitStatus2: schema.Some[uint8](0), Restriction: schema.RestrictionRecent,
	}
}

// Traffic is a batch of traffic answers.
func Traffic(samples ...schema.TrafficSample) schema.Batch { return schema.Batch{Traffic: samples} }

// Inventory is a row of the inventory, of now.
func Inventory(lineNo string, state schema.LineState) schema.Line {
	return schema.Line{
		LineKey: LineKey(lineNo), State: state, ObservedAt: time.Now(),
		PlanCode: "T3001328", Access: "lte", SIMType: "標準SIM", DeviceName: "UNO SIM LTE SIM ", DataShare: schema.Some(schema.ShareRegistered),
	}
}

// Awkward is a fleet with both scopes, sessions, logs, and labels that need escaping.
func Awkward(lines int) (batches []schema.Batch) {
	for i := range lines {
		number := fmt.Sprintf("090%08d", i)
		line, own, share := Inventory(number, schema.LineActive), Answer(number, schema.ScopeLine), Answer(number, schema.ScopeDataShare)
		line.DeviceName = [...]string{`Quote " and \ back`, "two\nlines\\n", "スマホ 5（C-OCN）", "broken \xff UTF-8", "", strings.Repeat("長", 200)}[i%6]
		own.MonthBytes, own.RemainingBytes = schema.Some(uint64(i)*1e15+7), schema.Some(uint64(i%3))
		batches = append(batches, schema.Batch{
			Lines: []schema.Line{line}, Traffic: []schema.TrafficSample{own, share},
			Sessions:        []schema.SessionSample{{LineKey: line.LineKey, ObservedAt: own.ObservedAt, ReceivedAt: own.ReceivedAt, SessionType: schema.SessionDomestic, Connected: schema.Some(i%2 == 0)}},
			Authentications: []schema.Authentication{{LineKey: line.LineKey, Result: schema.AuthNG, SessionType: schema.SessionRoaming}},
		})
	}
	return batches
}
