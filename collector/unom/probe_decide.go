package unom

import (
	"fmt"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// What a few answers show of a reading. Each function returns the value and what showed it, in words without personal
// data; value "" where the answers do not show it, with the reason in place of the evidence.

// probedStops is how many stops have to speak for one reading, for each that speaks for the other.
const probedStops = 3

// stopTimeShown reads the rows of a part of the session log that is whole: a stop that has the very second of a start of
// its line speaks for the start's time, one that has none for its own. That all have one may also mean that lines are back
// at once whenever they are cut off; but then no line's last start is by itself.
func stopTimeShown(rows []logRow) (value, evidence string) {
	rowsOf := make(map[logRow]bool, len(rows))
	last := make(map[string]logRow)
	for _, row := range rows {
		rowsOf[row] = true
		if row.at >= last[row.lineNo].at {
			last[row.lineNo] = row
		}
	}
	as := func(row logRow, event schema.SessionEventKind) logRow { row.outcome = string(event); return row }
	own, same, open := 0, 0, 0
	for _, row := range rows {
		if row.outcome == string(schema.SessionStop) && rowsOf[as(row, schema.SessionStart)] {
			same++
		} else if row.outcome == string(schema.SessionStop) {
			own++
		}
	}
	for _, row := range last {
		if rowsOf[as(row, schema.SessionStart)] && !rowsOf[as(row, schema.SessionStop)] {
			open++
		}
	}
	evidence = fmt.Sprintf("of %d stops %d have the second of a start of the same line", own+same, same)
	switch {
	case own >= probedStops*(same+1):
		return readings.StopTimeOwn, evidence
	case same >= probedStops*(own+1) && open > 0:
		return readings.StopTimeStart, evidence
	}
	return "", evidence + ": too few to tell"
}

// emptyOf is how an answer without rows, or a failure that may stand for one, says that nothing was found; "" where it is
// neither.
func emptyOf[T any](answer carrier.Answer[[]T], err error) string {
	switch {
	case err != nil:
		return string(api.EmptyError(err))
	case len(answer.Value) > 0 || carrier.LeftOut(answer.Warnings) > 0:
		return ""
	}
	return string(api.EmptyOf(answer.Status, answer.Payload))
}
