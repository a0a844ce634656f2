package main

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed testdata/usage.csv
var usage string

// real cuts series of real things into lines: each line has a stretch of one, on the same weekdays, scaled to a part of
// a volume. Hours are the simulator's, but where the series knows how much of a day came by ten.
type real struct {
	seed   uint64
	series []series
	lines  []cut
	hours  [24]uint64
}

type series struct {
	first time.Time
	bytes []uint64
	by10  []uint64 // per cent; nil: not known
}

type cut struct {
	series, offset int // the day of the series that is the first day
	bytes          uint64
	scale          float64
}

func newReal(seed uint64, lines int, start time.Time, days int) (*real, error) {
	all, err := parseSeries(usage)
	if err != nil {
		return nil, err
	}
	r := &real{seed: seed, series: all, hours: rhythm()}
	for i := range lines {
		c := cut{series: int(draw(seed, 1, uint64(i)) % uint64(len(all)))}
		s := all[c.series]
		weeks := (len(s.bytes) - history - days - 8) / 7
		c.offset = history + 7*int(draw(seed, 2, uint64(i))%uint64(max(1, weeks)))
		for s.first.AddDate(0, 0, c.offset).Weekday() != start.Weekday() {
			c.offset++
		}
		var sum uint64
		for d := range 30 {
			sum += s.bytes[c.offset+d-15]
		}
		c.bytes = [...]uint64{1 * gib, 3 * gib, 7 * gib, 20 * gib}[draw(seed, 3, uint64(i))%4]
		c.scale = float64(c.bytes) * (0.4 + 1.2*unit(draw(seed, 4, uint64(i)))) / float64(max(1, sum))
		r.lines = append(r.lines, c)
	}
	return r, nil
}

func parseSeries(text string) (all []series, err error) {
	for row := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		cells := strings.Split(row, ",")
		if len(cells) != 4 {
			return nil, fmt.Errorf("row %q: not four columns", row)
		}
		if cells[0] == "series" {
			continue
		}
		var s series
		if s.first, err = time.Parse(time.DateOnly, cells[1]); err != nil {
			return nil, err
		}
		if s.bytes, err = numbers(cells[2]); err != nil {
			return nil, err
		}
		if s.by10, err = numbers(cells[3]); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func numbers(text string) (all []uint64, err error) {
	for word := range strings.FieldsSeq(text) {
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

func (r *real) volume(line int) uint64 { return r.lines[line].bytes }

func (r *real) wish(line, d int) uint64 {
	c := r.lines[line]
	return uint64(float64(r.series[c.series].bytes[c.offset+d]) * c.scale)
}

func (r *real) by(line, d int, total uint64, into int64) uint64 {
	c := r.lines[line]
	noise := draw(r.seed, 5, uint64(line)<<10+uint64(d+history))
	by10 := r.series[c.series].by10
	if by10 == nil {
		return byRhythm(noise, &r.hours, total, into)
	}
	const ten = 10 * hour
	early := total / 100 * by10[c.offset+d]
	if into < ten {
		return uint64(float64(early) * float64(into) / float64(ten))
	}
	return early + uint64(float64(total-early)*float64(into-ten)/float64(day-ten))
}
