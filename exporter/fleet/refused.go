package fleet

import (
	"time"

	"kaisen/schema"
)

// refusedHours is how many hours of refused authentications are remembered: the one that is under way and a day before it.
const refusedHours = 25

// refusals counts a line's refused authentications by hour of the carrier's clock.
type refusals struct {
	newest int64 // hour since 1970
	hours  [refusedHours]uint16
	last   int64 // when the last one was
}

const hourMilli = int64(time.Hour / time.Millisecond)

// add counts one at a time.
func (r *refusals) add(at int64) {
	hour := at / hourMilli
	if gap := hour - r.newest; gap > 0 {
		for i := range min(gap, refusedHours) {
			r.hours[(hour-i)%refusedHours] = 0
		}
		r.newest = hour
	}
	r.last = max(r.last, at)
	if slot := &r.hours[hour%refusedHours]; r.newest-hour < refusedHours && *slot < 1<<16-1 {
		*slot++
	}
}

// since is how many there were in the last 24 hours before a time, and in the hour in which that began.
func (r *refusals) since(now int64) (count int) {
	if r == nil {
		return 0
	}
	for hour := r.newest; hour > r.newest-refusedHours; hour-- {
		if hour > now/hourMilli-refusedHours {
			count += int(r.hours[(hour%refusedHours+refusedHours)%refusedHours])
		}
	}
	return count
}

// writeRefused takes the rows of the authentication log. A line of which nothing else is known stays unknown.
func (f *Fleet) writeRefused(rows []schema.Authentication) {
	for i := range rows {
		row := &rows[i]
		if row.Result != schema.AuthNG || row.EventTime.Unix() <= 0 {
			continue
		}
		if l := f.find(row.LineKey); l != nil {
			if l.refused == nil {
				l.refused = new(refusals)
			}
			l.refused.add(row.EventTime.UnixMilli())
		}
	}
}
