package days

import "kaisen/schema"

// Mebibyte is in how many bytes figures may be rounded.
const Mebibyte = 1 << 20

// MonthSum is what the answers have shown of the month's figure: whether it is the sum of the month's days for every
// line, and by how many bytes each of the figures may be rounded. The zero MonthSum dates nothing: of a line that
// roams a month without roaming may agree with the wrong day.
type MonthSum struct {
	Holds bool
	Slack uint64 // bytes
}

// dates keeps the candidates by which the days since the first of the month add up to the month's figure. Of candidates
// of two months it keeps none, since months may turn by themselves.
func (s MonthSum) dates(days []schema.Opt[uint64], month schema.Opt[uint64], candidates []int) []int {
	var kept []int
	for _, first := range candidates {
		if !s.Holds || MonthIndex(schema.Date(first)) != MonthIndex(schema.Date(candidates[0])) {
			return nil
		}
		if s.agrees(days, month, first) {
			kept = append(kept, first)
		}
	}
	return kept
}

// agrees reports whether the days since the first of the month add up to the month's figure, as far as figures are exact.
func (s MonthSum) agrees(days []schema.Opt[uint64], month schema.Opt[uint64], first int) bool {
	sum, whole := MonthTotal(days, first)
	return whole && month.Known && s.Equal(sum, month.V, first)
}

// begun reports whether an answer on the first day of a month shows that its month's figure is of that month too: it is what was
// used on that day, more than rounding makes of nothing, and less than half of what the days of the month before add up to, so
// that it is not that month's, of which the last hours may be missing.
func (s MonthSum) begun(days []schema.Opt[uint64], month schema.Opt[uint64], first int) bool {
	if dayOfMonth(first) != 1 || month.V <= 2*s.Slack || !s.agrees(days, month, first) {
		return false
	}
	before, whole := MonthTotal(days[1:], first-1)
	return s.Holds && whole && month.V < before/2
}

// Equal reports whether a sum of the days of a month up to one of them is the month's figure, as far as figures are exact.
func (s MonthSum) Equal(sum, month uint64, day int) bool {
	return max(sum, month)-min(sum, month) <= s.Slack*uint64(dayOfMonth(day)+1)
}

// MonthTotal is what the days since the first of the month add up to, of which first is the last and the first figure; whole is
// false where one is missing or the sum does not fit.
func MonthTotal(days []schema.Opt[uint64], first int) (sum uint64, whole bool) {
	for _, figure := range days[:min(dayOfMonth(first), len(days))] {
		if !figure.Known || sum+figure.V < sum {
			return 0, false
		}
		sum += figure.V
	}
	return sum, true
}

func dayOfMonth(day int) int {
	_, _, d := schema.Date(day).Time().Date()
	return d
}
