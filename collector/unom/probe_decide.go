package unom

import (
	"bytes"
	"fmt"
	"regexp"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
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
		return StopTimeOwn, evidence
	case same >= probedStops*(own+1) && open > 0:
		return StopTimeStart, evidence
	}
	return "", evidence + ": too few to tell"
}

// emptyLists are the keys of the lists whose searches may find nothing.
var emptyLists = regexp.MustCompile(`(?i)"\s*(?:result|search|lines?|orders?)list\s*"?\s*:\s*(\[\s*\]|null|"null"|"")?`)

// emptyFormOf is how an answer that found nothing says so, "" where it is not plain. Payload is the answer.
func emptyFormOf(status int, payload []byte) string {
	body := bytes.TrimSpace(bytes.ReplaceAll(payload, []byte("\u3000"), nil))
	switch {
	case status == 404:
		return Empty404
	case status == 400:
		return Empty400
	case status == 204, status == 200 && len(body) == 0:
		return Empty204
	case status != 200:
		return ""
	case body[0] == '[':
		return EmptyList
	case body[0] != '{': // a page
		return ""
	}
	found := emptyLists.FindSubmatch(body)
	switch {
	case found == nil:
		return EmptyMissing
	case len(found[1]) == 0:
		return "" // there is something in it
	case found[1][0] == '[':
		return EmptyList
	}
	return EmptyNull
}

// emptyOf is emptyFormOf of a question's outcome: an answer without rows, or a failure that may stand for one.
func emptyOf[T any](answer carrier.Answer[[]T], err error) string {
	if err == nil {
		if len(answer.Value) > 0 || carrier.LeftOut(answer.Warnings) > 0 {
			return ""
		}
		return emptyFormOf(answer.Status, answer.Payload)
	}
	failure := collector.FailureOf(err)
	if failure.Reason == api.ReasonOtherNotFound && isObject(failure.Payload) || failure.Status == 400 || failure.Kind == carrier.KindMalformed {
		return emptyFormOf(failure.Status, failure.Payload)
	}
	return ""
}

// isObject reports whether an answer is JSON rather than a page.
func isObject(payload []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")) }
