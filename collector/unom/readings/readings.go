// Package readings names the points on which UNO Mobile API v2.1 may be read in more than one way. It decides none of them: the
// rooms that meet one do, by the answers.
package readings

import "kaisen/schema"

// The points, as they are named in table carrier_findings, and the values that each may have.
const (
	StopTime     = "session_stop_time"
	LogReach     = "log_reach"
	LogEnd       = "log_end"
	ShareFigures = "share_figures"
	ShareLimit   = "share_restriction"
	RemainingNil = "remaining_zero"
	PlanVolume   = "plan_volume"
	EmptyAnswer  = "empty_answer"
	FigureUnit   = "figure_unit"
	MonthFigure  = "month_figure"
	SessionState = "session_state"

	StopTimeOwn   = "stop"  // a stop has its own time
	StopTimeStart = "start" // a stop has the time at which its session began

	LogReachSeconds       = "seconds"        // 30 times 24 hours before now
	LogReachCalendar      = "calendar"       // from the midnight before that
	LogReachCalendarShort = "calendar_short" // from the midnight after that

	LogEndInside  = "inside"  // rows of the end second are in the answer
	LogEndOutside = "outside" // they are not

	ShareFiguresGroup = "group" // each member is told what all used
	ShareFiguresLine  = "line"  // each member is told what it used itself; volume and restriction are the group's

	ShareLimitGroup = "group" // a restriction that call 09 tells is the group's
	ShareLimitLine  = "line"  // it is the member's own

	PlanVolumeShown = "shown" // lines of the plan, whose course call 06 does not tell, have had a volume; operation is the plan's code

	RemainingUsedUp   = "used_up"   // 0 is a volume that is used up
	RemainingNoVolume = "no_volume" // 0 is a line that has no volume
	RemainingBoth     = "both"      // either: courseType of call 06 decides

	EmptyList    = "list"    // 200 with an empty list
	EmptyNull    = "null"    // 200 with null, or NULL, for the list
	EmptyMissing = "missing" // 200 without the list's key, {} too
	Empty204     = "204"     // 204 without a body
	Empty400     = "400"     // a 400, although the request is well-formed
	Empty404     = "404"     // a 404

	FigureBytes    = "bytes"     // figures to the byte
	FigureMebibyte = "mebibytes" // figures in bytes, rounded to whole MiB

	SessionStateLog    = "log"     // the session log tells whether a line is connected, and call 26 agrees
	SessionStateCall26 = "call_26" // the log is too often wrong, late or silent about it

	MonthWithRoaming    = "with_roaming"    // the month's figure is the sum of the days, also of lines that roam
	MonthWithoutRoaming = "without_roaming" // the days hold roaming, the month's figure does not
)

// All says what each means and what kaisen does.
func All() []schema.Reading {
	return []schema.Reading{
		{Name: StopTime, Title: "Which time has the row of a session's stop?", Source: "call 05 §2.1 sessionTime: 接続開始時間", Values: []schema.ReadingValue{
			{Name: StopTimeOwn, Means: "its own", Does: "durations are from start to stop"},
			{Name: StopTimeStart, Means: "that of its session's start", Does: "the end is when the stop was first seen; 30 days of the log are read again once a day"},
		}},
		{Name: LogReach, Title: "How far back do the logs reach?", Source: "calls 04 and 05 §1.2: 過去30日分", Values: []schema.ReadingValue{
			{Name: LogReachSeconds, Means: "30 times 24 hours", Does: "asks from there on"},
			{Name: LogReachCalendar, Means: "from the midnight 30 days ago", Does: "asks from there on"},
			{Name: LogReachCalendarShort, Means: "from the midnight after that", Does: "asks from there on"},
		}},
		{Name: LogEnd, Title: "Are rows of the end second in a log's answer?", Source: "calls 04 and 05 §1.2 endTime", Values: []schema.ReadingValue{
			{Name: LogEndInside, Means: "they are", Does: "asks up to the second before"},
			{Name: LogEndOutside, Means: "they are not", Does: "asks up to the second itself"},
		}},
		{Name: ShareFigures, Title: "Whose are the figures of call 09?", Source: "call 09, 規制条件表", Values: []schema.ReadingValue{
			{Name: ShareFiguresGroup, Means: "the group's, the same for every member", Does: "asks two members an interval, and takes their answer for all"},
			{Name: ShareFiguresLine, Means: "the member's own use; volume and restriction are the group's", Does: "asks every member; the group's use is the sum"},
		}},
		{Name: ShareLimit, Title: "Whose is a restriction that call 09 tells?", Source: "規制条件表: グループが設定されている回線単位", Values: []schema.ReadingValue{
			{Name: ShareLimitGroup, Means: "the group's", Does: "takes what the members asked last were told for all"},
			{Name: ShareLimitLine, Means: "the member's own", Does: "asks every member, and goes by what each was told"},
		}},
		{Name: RemainingNil, Title: "What does a remaining volume of 0 mean?", Source: "calls 03 and 09 remainedDataVolume, call 06 courseType", Values: []schema.ReadingValue{
			{Name: RemainingUsedUp, Means: "the volume is used up", Does: "such a line is at its cap"},
			{Name: RemainingNoVolume, Means: "the line's course has no volume", Does: "such a line is never near a cap"},
			{Name: RemainingBoth, Means: "either, by the course of the line", Does: "the course of call 06 decides line by line"},
		}},
		{Name: PlanVolume, Title: "Does a plan have a volume whose course call 06 does not tell?", Source: "call 06 courseType: 任意", Values: []schema.ReadingValue{
			{Name: PlanVolumeShown, Means: "lines of it have had one", Does: "0 of it is used up, also when all its lines have come to that"},
		}},
		{Name: EmptyAnswer, Title: "How is a search answered that finds nothing?", Source: "calls 02, 04 to 08, 10", Values: []schema.ReadingValue{
			{Name: EmptyList, Means: "200 with an empty list", Does: "nothing is there"},
			{Name: EmptyNull, Means: "200 with null for the list", Does: "nothing is there"},
			{Name: EmptyMissing, Means: "200 without the list", Does: "nothing is there"},
			{Name: Empty204, Means: "204 without a body", Does: "nothing is there"},
			{Name: Empty404, Means: "404", Does: "nothing is there, as long as the contract is known"},
			{Name: Empty400, Means: "400 for a well-formed request", Does: "nothing is there, where the same request was answered for another time"},
		}},
		{Name: FigureUnit, Title: "How exact are the figures of traffic?", Source: "calls 03 and 09: Byte単位", Values: []schema.ReadingValue{
			{Name: FigureBytes, Means: "to the byte", Does: "stores them"},
			{Name: FigureMebibyte, Means: "whole MiB, written in bytes", Does: "stores them; sums may differ by a MiB a day"},
		}},
		{Name: MonthFigure, Title: "Does the month's figure hold roaming?", Source: "calls 03 and 09 trafficThisMonth", Values: []schema.ReadingValue{
			{Name: MonthWithRoaming, Means: "it does, as the days do", Does: "the month's sum may date the days"},
			{Name: MonthWithoutRoaming, Means: "it does not, the days do", Does: "the month's sum dates no day"},
		}},
		{Name: SessionState, Title: "Does the session log tell whether a line is connected?", Source: "calls 05 and 26", Values: []schema.ReadingValue{
			{Name: SessionStateLog, Means: "it agrees with call 26", Does: "asks call 26 where the log leaves a doubt, and once a day as a check"},
			{Name: SessionStateCall26, Means: "it does not, or too late", Does: "asks call 26 about each line each interval"},
		}},
	}
}
