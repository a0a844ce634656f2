package api

import (
	"errors"
	"slices"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// Traffic is an answer of call 03 (the line's own figures) or 09 (its group's). Values that the carrier did not tell
// are unknown. Times are to the minute, in the configured zone.
type Traffic struct {
	ContractID        string                 `json:"contractId" form:"same"`
	LineNo            string                 `json:"lineNo" form:"sameLine"`
	LimitStatus1      schema.Opt[uint8]      `json:"limitStatus1"` // 0..3, as given
	Restriction       schema.Restriction     // decided from the two; RestrictionUnknown comes with a warning
	MonthlyLimitStart schema.Opt[time.Time]  `json:"monthlyLimitStartTime" form:"start"`
	DailyLimitStart   schema.Opt[time.Time]  `json:"dailyLimitStartTime" form:"start"`
	LimitCause        string                 `json:"limitCause"`
	LimitStatus2      schema.Opt[uint8]      `json:"limitStatus2"`                                                                         // 0..1, as given
	Months            [3]schema.Opt[uint64]  `each:"trafficThisMonth,traffic%dmonthAgo" also:"traffic%dmonthsAgo"`                         // bytes: this month, 1 and 2 months ago
	Days              [31]schema.Opt[uint64] `each:"trafficToday,traffic1dayAgo,traffic%ddaysAgo" also:"traffic%ddayAgo,traffic%ddaysAgo"` // bytes: today, 1..30 days ago
	Remaining         schema.Opt[uint64]     `json:"remainedDataVolume"`                                                                   // bytes left this month
}

// MarshalJSON writes the answer as calls 03 and 09 do.
func (t Traffic) MarshalJSON() ([]byte, error) { return lenient.Marshal(t, forms()) }

func decodeTraffic(d *lenient.Decoder, of *target, body []byte) (Traffic, []carrier.Warning, error) {
	t := Traffic{ContractID: of.contractID, LineNo: of.lineNo}
	warnings, err := lenient.Decode(d, body, &t)
	return t, warnings, err
}

// Complete decides the restriction, and warns wherever it stays unknown. An answer without a single figure says
// nothing.
func (t *Traffic) Complete(r *lenient.Reader) error {
	known := func(n schema.Opt[uint64]) bool { return n.Known }
	if !t.Remaining.Known && !slices.ContainsFunc(t.Days[:], known) && !slices.ContainsFunc(t.Months[:], known) {
		return errors.New("not a single figure of bytes")
	}
	// A limitStatus1 that was given but is no code, and one that was given twice, of which there is a warning already, leaves it
	// unknown too.
	odd := r.Warned("limitStatus1", lenient.ReasonCode) || r.Warned("limitStatus1", lenient.ReasonConflict)
	if t.LimitStatus1.V > 3 {
		r.WarnOf("limitStatus1", lenient.ReasonCode, []byte{t.LimitStatus1.V})
	}
	decidedBy1 := t.LimitStatus1.V == 2 || t.LimitStatus1.V == 3
	if t.LimitStatus2.V > 1 {
		r.WarnOf("limitStatus2", lenient.ReasonCode, []byte{t.LimitStatus2.V})
	} else if !t.LimitStatus2.Known && !decidedBy1 {
		r.Warn("limitStatus2", lenient.ReasonMissing)
	}
	t.Restriction = schema.RestrictionOf(t.LimitStatus1, t.LimitStatus2)
	if odd || !decidedBy1 && r.Warned("limitStatus2", lenient.ReasonConflict) {
		t.Restriction = schema.RestrictionUnknown
	}
	return nil
}

// readStart reads the beginning of a restriction. It is "" in practice (the document: a defect).
func readStart(r *lenient.Reader, field string, v lenient.Value, into *schema.Opt[time.Time]) (given bool, err error) {
	return readTime(r, field, v, into, lenient.Minute)
}

// writeStart writes it in ISO 8601 as the carrier announced it.
func writeStart(t schema.Opt[time.Time]) any {
	return lenient.OrNull(t, func(t time.Time) any { return t.Format("2006/01/02T15:04-07:00") })
}

// readTime reads a time that stays unknown, with a warning, where it is none.
func readTime(
	r *lenient.Reader, field string, v lenient.Value, into *schema.Opt[time.Time], read func([]byte, *time.Location) (time.Time, bool),
) (given bool, err error) {
	at, ok := read(v.Text(), r.Zone)
	if !ok {
		r.Warn(field, lenient.ReasonTime)
		return false, nil
	}
	*into = schema.Some(at)
	return true, nil
}
