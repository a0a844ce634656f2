package clickhouse_test

import (
	"fmt"
	"math"
	"time"

	"kaisen/schema"
)

// odd is text that has to come back as it was.
const odd = "回線 \"n\\o't'\n\t,\x00{x:String}"

var tokyo = time.FixedZone("JST", 9*60*60)

// at is a time of the tests' day, in the carrier's zone.
func at(hour, minute int) time.Time { return time.Date(2026, 1, 31, hour, minute, 5, 678e6, tokyo) }

func key(n int) schema.LineKey {
	return schema.LineKey{Source: "hq " + odd, ContractID: "N123456789", LineNo: fmt.Sprintf("0901234%04d", n)}
}

// everyRow has each row type, with the largest values and with all that may be missing missing.
func everyRow() schema.Batch {
	backend := backendRows()
	return schema.Batch{
		Traffic: []schema.TrafficSample{
			{LineKey: key(1), Scope: schema.ScopeLine, ObservedAt: at(10, 0), ReceivedAt: at(10, 1).Truncate(time.Second),
				MonthBytes: schema.Some[uint64](math.MaxUint64), TodayBytes: schema.Some[uint64](0), RemainingBytes: schema.Some[uint64](1<<63 + 1),
				LimitStatus1: schema.Some[uint8](3), LimitStatus2: schema.Some[uint8](1), Restriction: schema.RestrictionMonthlyAndRecent,
				MonthlyLimitStart: schema.Some(at(9, 0).Truncate(time.Minute)), DailyLimitStart: schema.Some(at(8, 0).Truncate(time.Minute)), LimitCause: odd},
			{LineKey: key(1), Scope: schema.ScopeDataShare, ObservedAt: at(10, 0), ReceivedAt: at(10, 1).Truncate(time.Second), Restriction: schema.RestrictionUnknown},
			{LineKey: key(2), Scope: schema.ScopeLine, ObservedAt: at(10, 0), ReceivedAt: at(10, 1).Truncate(time.Second), Restriction: schema.RestrictionNone,
				MonthBytes: schema.Some[uint64](1000), RemainingBytes: schema.Some[uint64](3000), TodayBytes: schema.Some[uint64](10)},
		},
		Daily: []schema.TrafficDaily{
			{LineKey: key(1), Scope: schema.ScopeLine, Day: schema.DateOf(at(0, 0)).AddDays(-1), Bytes: 0, ObservedAt: at(10, 0)},
			{LineKey: key(1), Scope: schema.ScopeLine, Day: schema.DateOf(at(0, 0)), Bytes: math.MaxUint64, ObservedAt: at(10, 0)},
			{LineKey: key(1), Scope: schema.ScopeDataShare, Day: schema.DateOf(at(0, 0)), Bytes: 7, ObservedAt: at(10, 0)},
		},
		Monthly: []schema.TrafficMonthly{
			{LineKey: key(1), Scope: schema.ScopeLine, Month: schema.DateOf(at(0, 0)).Month(), Bytes: math.MaxUint64, ObservedAt: at(10, 0)},
		},
		Sessions: []schema.SessionSample{
			{LineKey: key(1), ObservedAt: at(10, 0), ReceivedAt: at(10, 1).Truncate(time.Second), SessionType: schema.SessionRoaming, Connected: schema.Some(true)},
			{LineKey: key(2), ObservedAt: at(10, 0), ReceivedAt: at(10, 1).Truncate(time.Second), SessionType: schema.SessionUnknown, ResultCode: 255},
		},
		Authentications: []schema.Authentication{
			{LineKey: key(1), EventTime: at(9, 0).Truncate(time.Second), SessionType: schema.SessionDomestic, Result: schema.AuthOK, ObservedAt: at(10, 0)},
			{LineKey: key(1), EventTime: at(9, 0).Truncate(time.Second), SessionType: schema.SessionDomestic, Result: schema.AuthOK, Ordinal: 65535, ObservedAt: at(10, 0)},
			{LineKey: key(1), EventTime: at(9, 1).Truncate(time.Second), SessionType: schema.SessionUnknown, Result: schema.AuthUnknown, ObservedAt: at(10, 0)},
		},
		SessionEvents: []schema.SessionEvent{
			{LineKey: key(1), EventTime: at(9, 0).Truncate(time.Second), SessionType: schema.SessionRoaming, Event: schema.SessionStart, ObservedAt: at(10, 0)},
			{LineKey: key(1), EventTime: at(9, 5).Truncate(time.Second), SessionType: schema.SessionRoaming, Event: schema.SessionStop, Ordinal: 1, ObservedAt: at(10, 0)},
		},
		Lines: []schema.Line{
			{LineKey: key(1), State: schema.LineActive, Origin: schema.OriginList, StartDate: schema.Some(schema.DateOf(at(0, 0))), PlanCode: "T3001328",
				Access: "lte", OptionCodes: []string{"T6000084", "", "T6000084", odd}, SIMType: "x", SIMNumber: odd, DeviceName: odd, IMEI: "i",
				AuthenticationType: "a", ACTIPAddress: "10.0.0.1", SBYIPAddress: "10.0.0.2", RoamingIPAddress: "10.0.0.3", AuthenticationID: odd, Note: odd,
				IMEIOption: "o", DataShare: schema.Some(schema.ShareRemovalReserved), FirstSeen: at(1, 0), LastSeen: at(10, 0), ObservedAt: at(10, 0)},
			{LineKey: key(2), State: schema.LineNotFound, Origin: schema.OriginFile, FirstSeen: at(1, 0), LastSeen: at(10, 0), ObservedAt: at(10, 0)},
		},
		LineChanges: []schema.LineChange{{LineKey: key(1), Field: "note", Old: "before", New: odd, ObservedAt: at(10, 0)}},
		Names: []schema.LineName{
			{LineKey: key(1), Name: odd, Columns: []string{"site", odd}, Values: []string{odd, ""}, Present: true, ObservedAt: at(10, 0)},
			{LineKey: key(2), ObservedAt: at(10, 0)},
		},
		Forecasts: []schema.DailyForecast{
			{LineForecast: schema.LineForecast{LineKey: key(1), Month: schema.DateOf(at(1, 0)), MonthBytes: 1, QuotaBytes: schema.Some(uint64(9)), Days: 30, MonthEndBytes: 5, MonthEndLow: 4, MonthEndHigh: 6,
				ExhaustionAt: schema.Some(at(10, 0)), ExhaustionEarly: schema.Some(at(9, 0)), ExhaustionLate: schema.Some(at(11, 0))}, Day: schema.DateOf(at(10, 0)), ObservedAt: at(10, 0)},
			{LineForecast: schema.LineForecast{LineKey: key(2), Month: schema.DateOf(at(1, 0))}, Day: schema.DateOf(at(10, 0)), ObservedAt: at(10, 0)},
		},
		StaleAfter: []schema.StaleAfter{{Source: key(1).Source, Job: "traffic", Seconds: math.MaxUint64, ObservedAt: at(10, 0)}},
		Members: []schema.DataShareMember{
			{LineKey: key(1), Status: schema.ShareReserved, ReserveID: odd, Member: true, ObservedAt: at(10, 0)},
			{LineKey: key(2), Status: schema.ShareUnknown, ObservedAt: at(10, 0)},
		},
		Contracts: contractRows(),
		Products:  productRows(),
		Orders:    orderRows(),

		ServiceOrders: backend.ServiceOrders, ServiceOrderDetails: backend.ServiceOrderDetails,
		IPoEProducts: backend.IPoEProducts, IPoESites: backend.IPoESites, IPoEOrders: backend.IPoEOrders,

		Sweeps: []schema.Sweep{{Source: key(1).Source, Job: "traffic", StartedAt: at(9, 0), FinishedAt: at(10, 0), Requests: 1, OK: 2, Failed: 3,
			Throttled: 4, Rows: math.MaxUint64, RestsUntil: schema.Some(at(11, 0)), ObservedAt: at(10, 0)}},
		DeadLetters: []schema.DeadLetter{{LineKey: key(1), Operation: "traffic", Reason: odd, Status: 599, Payload: []byte(odd + "\xff"), ObservedAt: at(10, 0)}},
		Findings: []schema.CarrierFinding{{Source: key(1).Source, ContractID: "N123456789", Operation: "sessions",
			Reading: "session_stop_time", Value: "stop", Evidence: odd, ObservedAt: at(10, 0)}},
		Watermarks: []schema.LogWatermark{
			{Source: key(1).Source, ContractID: "N123456789", Log: "authentications", Watermark: at(10, 0).Truncate(time.Second), ObservedAt: at(10, 0)},
			{Source: key(1).Source, ContractID: "N123456789", Log: "session_events", Watermark: at(9, 30).Truncate(time.Second), ObservedAt: at(10, 0)},
		},
	}
}
