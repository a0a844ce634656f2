package probe

import (
	"fmt"
	"slices"
	"time"

	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// probedLine is what call 03 or 09 said of a line.
type probedLine struct {
	lineNo string
	plan   string
	member bool // of the share group
	roamed bool // abroad in this month, by the session log
	told   api.Traffic
	at     time.Time // by the carrier's clock, in its zone
}

// closedFrom is the first day of an answer that cannot change any more: yesterday's figure may turn late.
const closedFrom = 2

// shareFiguresShown compares two members' figures of call 09 for days and months that are over.
func shareFiguresShown(a, b probedLine) (value, evidence string) {
	if schema.DateOf(a.at) != schema.DateOf(b.at) {
		return "", "the day turned between two members' answers"
	}
	both, differ, used := 0, 0, 0
	compare := func(x, y schema.Opt[uint64]) {
		if !x.Known || !y.Known {
			return
		}
		both++
		if x.V != y.V {
			differ++
		}
		if x.V > 0 || y.V > 0 {
			used++
		}
	}
	for i := closedFrom; i < len(a.told.Days); i++ {
		compare(a.told.Days[i], b.told.Days[i])
	}
	compare(a.told.Months[2], b.told.Months[2]) // the last one may turn late too
	evidence = fmt.Sprintf("of %d days and months that are over, two members' figures differ in %d", both, differ)
	switch {
	case differ > 0:
		return readings.ShareFiguresLine, evidence
	case used > 0:
		return readings.ShareFiguresGroup, evidence
	}
	return "", "neither of two members has used anything on a day that is over"
}

// enoughFigures is how many figures have to be whole MiB: one in a million is by chance.
const enoughFigures = 4

// figureUnitShown looks at the figures of use in all answers; volumes are whole MiB or more in any unit.
func figureUnitShown(lines []probedLine) (value, evidence string) {
	figures := make(map[uint64]bool)
	whole := 0
	for _, line := range lines {
		for _, figure := range slices.Concat(line.told.Days[:], line.told.Months[:]) {
			if figure.V > 0 && !figures[figure.V] {
				figures[figure.V] = true
				if figure.V%days.Mebibyte == 0 {
					whole++
				}
			}
		}
	}
	evidence = fmt.Sprintf("of %d figures %d are whole MiB", len(figures), whole)
	switch {
	case whole < len(figures):
		return readings.FigureBytes, evidence
	case whole >= enoughFigures:
		return readings.FigureMebibyte, evidence
	}
	return "", fmt.Sprintf("%d figures are not 0, which are too few", len(figures))
}

// monthFigureShown compares the month's figure with the sum of its days: of lines that are known to have been abroad in
// this month, and of others, by which is known that figures have turned with the day. Some of these may have been abroad
// too, in a part of the log that was not read.
func monthFigureShown(lines []probedLine, unit string) (value, evidence string) {
	var abroad, others struct{ equal, less, more int }
	for _, line := range lines {
		day, month := int(schema.DateOf(line.at)), line.told.Months[0]
		sum, known := days.MonthTotal(line.told.Days[:], day)
		if !known || !month.Known || sum == 0 || line.member {
			continue
		}
		exact := days.MonthSum{}
		if unit != readings.FigureBytes {
			exact.Slack = days.Mebibyte - 1
		}
		kind := &others
		if line.roamed {
			kind = &abroad
		}
		switch {
		case exact.Equal(sum, month.V, day):
			if !line.roamed || exact.Slack == 0 { // what was used abroad may be less than what is rounded
				kind.equal++
			}
		case month.V < sum:
			kind.less++
		default:
			kind.more++
		}
	}
	evidence = fmt.Sprintf("the month's figure is the sum of its days for %d lines that were abroad and %d others, and less for %d and %d",
		abroad.equal, others.equal, abroad.less, others.less)
	switch {
	case abroad.more+others.more > 0:
		return "", "figures have not turned with the day: a month's figure is more than the sum of its days"
	case abroad.equal+abroad.less == 0:
		return "", "no line is known to have been abroad in this month, with figures that show it"
	case others.equal < 2:
		return "", "too few lines beside those abroad to compare with: " + evidence
	case abroad.equal == 0:
		return readings.MonthWithoutRoaming, evidence
	case abroad.less+others.less == 0:
		return readings.MonthWithRoaming, evidence
	}
	return "", "lines differ: " + evidence
}

// remainingZeroShown looks at lines whose remaining volume is 0, and at what the others of their kind say instead: each
// reading takes two kinds of lines to be sure of.
func remainingZeroShown(lines []probedLine, courses map[string]api.CourseType) (value, evidence string) {
	var usedUp, without struct{ zero, other int }
	for _, line := range lines {
		course, known := courses[line.plan]
		zero := line.told.Remaining == schema.Some[uint64](0)
		kind := &without
		switch restricted := line.told.Restriction; {
		case line.member:
			continue
		case restricted == schema.RestrictionMonthly || restricted == schema.RestrictionMonthlyAndRecent:
			kind = &usedUp
		case restricted != schema.RestrictionNone || !known || course != api.CourseZero && course != api.CourseSpare:
			continue
		}
		if zero {
			kind.zero++
		} else {
			kind.other++
		}
	}
	evidence = fmt.Sprintf("lines that are restricted for the month: %d with 0 and %d without; lines of courses without a volume: %d with 0 and %d without",
		usedUp.zero, usedUp.other, without.zero, without.other)
	switch {
	case usedUp.zero > 0 && without.zero > 0:
		return readings.RemainingBoth, evidence
	case without.zero > 0 && usedUp.other > 0:
		return readings.RemainingNoVolume, evidence
	case usedUp.zero > 0 && without.other > 0:
		return readings.RemainingUsedUp, evidence
	}
	return "", "it takes a line of both kinds: " + evidence
}
