package app

import (
	"fmt"
	"slices"
	"time"
)

const selectHours = "SELECT contract_id, line_no, scope, toUnixTimestamp(hour), bytes, covered_seconds FROM traffic_hourly"

// count is a month's counter at a time.
type count struct {
	at    int64
	bytes uint64
}

// hour is what an hour came to, and how much of it is known.
type hour struct{ bytes, covered uint64 }

// holdsHours compares traffic_hourly with the answers, and each month's sum with its counter. It returns how
// often the carrier took bytes back.
func (r *fixture) holdsHours() (corrected int) {
	r.t.Helper()
	var want, sums []string
	for key, answers := range r.servedSeries() {
		for month, counts := range answers.months(tokyo(r.t)) {
			corrected += lower(counts)
			for at, one := range hoursOf(counts) {
				want = append(want, fmt.Sprintf("%s\t%d\t%d\t%d", key, at, one.bytes, one.covered))
			}
			if last := counts[len(counts)-1]; len(counts) > 1 {
				sums = append(sums, fmt.Sprintf("%s\t%s\t%d", key, month.Format(time.DateOnly), last.bytes-counts[0].bytes))
			}
		}
	}
	r.same("traffic_hourly", selectHours, want)
	r.same("months of traffic_hourly", "SELECT contract_id, line_no, scope, month, sum(bytes) FROM traffic_hourly GROUP BY ALL", sums)
	return corrected
}

// months is the counts of each month. One that follows a month with answers begins with 0 at midnight.
func (s series) months(zone *time.Location) map[time.Time][]count {
	months := map[time.Time][]count{}
	watched := map[time.Time]bool{}
	for _, answer := range s {
		if answer.MonthBytes == nil {
			continue
		}
		at := answer.At.In(zone)
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, zone)
		watched[month] = true
		if turned := answer.TodayBytes != nil && *answer.TodayBytes == *answer.MonthBytes; at.Sub(month) < 3*time.Hour && !turned {
			continue
		}
		months[month] = append(months[month], count{at.Unix(), *answer.MonthBytes})
	}
	for month := range months {
		if watched[month.AddDate(0, -1, 0)] {
			months[month] = slices.Insert(months[month], 0, count{at: month.Unix()})
		}
	}
	return months
}

// lower takes back what a later count of the month says was never used, and returns how often that was.
func lower(counts []count) (corrected int) {
	for i := len(counts) - 2; i >= 0; i-- {
		if counts[i].bytes > counts[i+1].bytes {
			counts[i].bytes = counts[i+1].bytes
			corrected++
		}
	}
	return corrected
}

// hoursOf deals each interval's bytes out to its hours, by time.
func hoursOf(counts []count) map[int64]hour {
	hours := map[int64]hour{}
	for i := 1; i < len(counts); i++ {
		from, to := counts[i-1], counts[i]
		length, bytes := uint64(to.at-from.at), to.bytes-from.bytes
		for begin := from.at; begin < to.at; {
			first := begin - begin%3600
			end := min(first+3600, to.at)
			one := hours[first]
			one.bytes += bytes*uint64(end-from.at)/length - bytes*uint64(begin-from.at)/length
			one.covered += uint64(end - begin)
			hours[first] = one
			begin = end
		}
	}
	return hours
}
