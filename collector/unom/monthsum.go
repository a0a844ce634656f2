package unom

import "kaisen/schema"

const mebibyte = 1 << 20

// monthSum is what the answers have shown of the month's figure: whether it is the sum of the month's days for every
// line, and by how many bytes each of the figures may be rounded. The zero monthSum dates nothing: of a line that
// roams a month without roaming may agree with the wrong day.
type monthSum struct {
	holds bool
	slack uint64
}

// monthSum is what the answers of a contract have shown.
func (c *Collector) monthSum(contract string) monthSum {
	unit := c.Finding(contract, "", ReadingFigureUnit)
	sum := monthSum{holds: unit != "" && c.Finding(contract, "", ReadingMonthFigure) == MonthWithRoaming}
	if unit == FigureMebibyte {
		sum.slack = mebibyte - 1
	}
	return sum
}

// dates keeps the candidates by which the days since the first of the month add up to the month's figure. Of candidates
// of two months it keeps none, since months may turn by themselves.
func (s monthSum) dates(days []schema.Opt[uint64], month schema.Opt[uint64], candidates []candidate) []candidate {
	var kept []candidate
	for _, first := range candidates {
		if !s.holds || monthIndex(schema.Date(first)) != monthIndex(schema.Date(candidates[0])) {
			return nil
		}
		if s.agrees(days, month, first) {
			kept = append(kept, first)
		}
	}
	return kept
}

// agrees reports whether the days since the first of the month add up to the month's figure, as far as figures are exact.
func (s monthSum) agrees(days []schema.Opt[uint64], month schema.Opt[uint64], first candidate) bool {
	sum, whole := monthTotal(days, first)
	return whole && month.Known && s.equal(sum, month.V, first)
}

// equal reports whether a sum of the days of a month up to one of them is the month's figure, as far as figures are exact.
func (s monthSum) equal(sum, month uint64, day int) bool {
	return max(sum, month)-min(sum, month) <= s.slack*uint64(dayOfMonth(day)+1)
}

// monthTotal is what the days since the first of the month add up to.
func monthTotal(days []schema.Opt[uint64], first candidate) (sum uint64, whole bool) {
	return total(days[:min(dayOfMonth(first), len(days))])
}

func dayOfMonth(day int) int {
	_, _, d := schema.Date(day).Time().Date()
	return d
}

// total adds figures up; whole is false where one is missing or the sum does not fit.
func total(figures []schema.Opt[uint64]) (sum uint64, whole bool) {
	for _, figure := range figures {
		if !figure.Known || sum+figure.V < sum {
			return 0, false
		}
		sum += figure.V
	}
	return sum, true
}
