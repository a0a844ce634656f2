package api

import (
	"errors"
	"fmt"
	"time"

	"kaisen/schema"
)

// Traffic is an answer of call 03 (the line's own figures) or 09 (its group's). Values that the carrier did not tell
// are unknown. Times are to the minute, in the configured zone.
type Traffic struct {
	ContractID, LineNo string
	LimitStatus1       schema.Opt[uint8]  // 0..3, as told
	LimitStatus2       schema.Opt[uint8]  // 0..1, as told
	Restriction        schema.Restriction // decided from the two; RestrictionUnknown comes with a warning
	MonthlyLimitStart  schema.Opt[time.Time]
	DailyLimitStart    schema.Opt[time.Time]
	LimitCause         string
	Months             [3]schema.Opt[uint64]  // bytes: this month, 1 and 2 months ago
	Days               [31]schema.Opt[uint64] // bytes: today, 1..30 days ago
	Remaining          schema.Opt[uint64]     // bytes left this month
}

// MarshalJSON writes the answer as calls 03 and 09 do.
func (t Traffic) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", t.ContractID)
	o.put("lineNo", t.LineNo)
	o.put("limitStatus1", codeText(t.LimitStatus1))
	o.put("monthlyLimitStartTime", minuteText(t.MonthlyLimitStart))
	o.put("dailyLimitStartTime", minuteText(t.DailyLimitStart))
	o.put("limitCause", t.LimitCause)
	o.put("limitStatus2", codeText(t.LimitStatus2))
	for i, n := range t.Months {
		o.put(monthKey(i), bytesText(n))
	}
	for i, n := range t.Days {
		o.put(dayKey(i), bytesText(n))
	}
	o.put("remainedDataVolume", bytesText(t.Remaining))
	return o.done()
}

// monthKey is the documented name of a month's figure.
func monthKey(ago int) string {
	if ago == 0 {
		return "trafficThisMonth"
	}
	return fmt.Sprintf("traffic%dmonthAgo", ago)
}

// dayKey is the documented name of a day's figure.
func dayKey(ago int) string {
	switch ago {
	case 0:
		return "trafficToday"
	case 1:
		return "traffic1dayAgo"
	}
	return fmt.Sprintf("traffic%ddaysAgo", ago)
}

// trafficReader is a Traffic while its answer is read.
type trafficReader struct {
	*answer
	Traffic
	figures int  // byte figures told
	odd1    bool // limitStatus1 was told, but is no code
}

func decodeTraffic(a *answer) (Traffic, error) {
	r := trafficReader{answer: a}
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		if err := r.member(fold(m.key, &buffer), m.value); err != nil {
			return Traffic{}, err
		}
	}
	if m.err != nil {
		return Traffic{}, m.err
	}
	if r.figures == 0 {
		return Traffic{}, errors.New("not a single figure of bytes")
	}
	r.ContractID, r.LineNo = a.contractID, a.lineNo
	r.judge()
	return r.Traffic, nil
}

// member reads one member; key is folded.
func (r *trafficReader) member(key []byte, v value) error {
	const prefix = "traffic"
	if len(key) > len(prefix) && string(key[:len(prefix)]) == prefix {
		return r.figure(key[len(prefix):], v)
	}
	switch string(key) {
	case "contractid":
		return r.sameContract(v)
	case "lineno":
		return r.sameLine(v)
	case "limitstatus1":
		r.LimitStatus1 = r.status("limitStatus1", v)
		r.odd1 = !r.LimitStatus1.Known && !v.null()
	case "limitstatus2":
		r.LimitStatus2 = r.status("limitStatus2", v)
	case "monthlylimitstarttime":
		r.MonthlyLimitStart = r.start("monthlyLimitStartTime", v)
	case "dailylimitstarttime":
		r.DailyLimitStart = r.start("dailyLimitStartTime", v)
	case "limitcause":
		r.LimitCause = string(v.text())
	case "remaineddatavolume":
		return r.bytes(&r.Remaining, "remainedDataVolume", v)
	}
	return nil
}

// figure reads a byte figure by what follows "traffic" in its key, folded: thismonth, today, 2monthago, 3daysago, …
// with and without the plural s. Keys that mean none of our figures are extra ones, and fine.
func (r *trafficReader) figure(rest []byte, v value) error {
	switch string(rest) {
	case "thismonth":
		return r.bytes(&r.Months[0], "trafficThisMonth", v)
	case "today":
		return r.bytes(&r.Days[0], "trafficToday", v)
	}
	ago, digits := 0, 0
	for digits < len(rest) && digits < 3 && isDigit(rest[digits]) {
		ago = ago*10 + int(rest[digits]-'0')
		digits++
	}
	if digits == 0 || ago == 0 {
		return nil
	}
	switch string(rest[digits:]) {
	case "dayago", "daysago":
		if ago < len(r.Days) {
			return r.bytes(&r.Days[ago], "", v)
		}
	case "monthago", "monthsago":
		if ago < len(r.Months) {
			return r.bytes(&r.Months[ago], "", v)
		}
	}
	return nil
}

// bytes reads one figure. Without a field's name it is made of the figure's place, when it is needed. Where a figure
// comes twice, in two spellings, the last one told counts.
func (r *trafficReader) bytes(into *schema.Opt[uint64], field string, v value) error {
	n, saturated, ok := v.byteCount()
	if !ok {
		return notThat(r.name(into, field), v, "a number of bytes")
	}
	if saturated {
		r.warn(r.name(into, field), reasonSaturated)
	}
	if n.Known {
		*into = n
		r.figures++
	}
	return nil
}

// name is the documented name of a figure.
func (r *trafficReader) name(figure *schema.Opt[uint64], field string) string {
	if field != "" {
		return field
	}
	for i := range r.Days {
		if figure == &r.Days[i] {
			return dayKey(i)
		}
	}
	for i := range r.Months {
		if figure == &r.Months[i] {
			return monthKey(i)
		}
	}
	return ""
}

// start reads the beginning of a restriction. It is "" in practice (the document: a defect).
func (r *trafficReader) start(field string, v value) schema.Opt[time.Time] {
	if v.null() {
		return schema.Opt[time.Time]{}
	}
	at, ok := limitTime(v.text(), r.zone)
	if !ok {
		r.warn(field, reasonTime)
		return schema.Opt[time.Time]{}
	}
	return schema.Some(at)
}

// judge decides the restriction, and warns wherever it stays unknown.
func (r *trafficReader) judge() {
	if r.LimitStatus1.V > 3 {
		r.warn("limitStatus1", reasonCode)
	}
	decidedBy1 := r.LimitStatus1.V == 2 || r.LimitStatus1.V == 3
	if r.LimitStatus2.V > 1 {
		r.warn("limitStatus2", reasonCode)
	} else if !r.LimitStatus2.Known && !decidedBy1 {
		r.warn("limitStatus2", reasonMissing)
	}
	r.Restriction = schema.RestrictionOf(r.LimitStatus1, r.LimitStatus2)
	if r.odd1 {
		r.Restriction = schema.RestrictionUnknown
	}
}
