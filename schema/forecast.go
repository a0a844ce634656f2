package schema

import "time"

// LineForecast is where a line's month is heading, as view line_forecast reckons it from the days before: the volume at
// the month's end with an 80 % band, and when the line's own volume will be used up.
type LineForecast struct {
	LineKey
	MonthBytes    uint64 `column:"month_bytes"`          // used so far in the carrier's current month
	MonthEndBytes uint64 `column:"month_end_bytes"`      // expected when the month ends
	MonthEndLow   uint64 `column:"month_end_bytes_low"`  // one time in ten it is less
	MonthEndHigh  uint64 `column:"month_end_bytes_high"` // one time in ten it is more

	// When nothing will be left, expected, at the earliest and at the latest of the band. Not known: not before the month
	// ends, or the line has no cap.
	ExhaustionAt    Opt[time.Time] `column:"exhaustion_at" form:"DateTime"`
	ExhaustionEarly Opt[time.Time] `column:"exhaustion_at_early" form:"DateTime"`
	ExhaustionLate  Opt[time.Time] `column:"exhaustion_at_late" form:"DateTime"`
}
