package main

import "sort"

// crossing is when the answers for a line begin to show a threshold as passed.
type crossing struct {
	line int32
	at   int64
}

// thresholds are those that kaisen has by default.
func thresholds() []float64 { return []float64{0.2, 0.05, 0} }

// shows reports how many thresholds an answer with these figures shows as passed.
func shows(month, left, volume uint64) (n int) {
	if volume == 0 {
		return 0
	}
	for n < len(thresholds()) && float64(left) <= thresholds()[n]*float64(month+left) {
		n++
	}
	return n
}

// passed is how many thresholds an answer at a time would show as passed.
func (w *world) passed(line int, ms int64) int {
	volume := w.volume(line)
	month, _ := w.used(line, ms)
	return shows(month, remaining(volume, month), volume)
}

// crossings are all that happen from a time on, in their order. A month's turn is no crossing.
func (w *world) crossings(from int64) (all []crossing) {
	for line := range w.lines {
		if w.volume(line) == 0 {
			continue
		}
		for d := int(from / day); d < w.days; d++ {
			low, high := int64(d)*day, int64(d+1)*day-1
			was, is := w.passed(line, low), w.passed(line, high)
			for n := was + 1; n <= is; n++ {
				found := low + int64(sort.Search(int(high-low), func(i int) bool { return w.passed(line, low+int64(i)) >= n }))
				if found >= from {
					all = append(all, crossing{int32(line), found})
				}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].at < all[j].at })
	return all
}
