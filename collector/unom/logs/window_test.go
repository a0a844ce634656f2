package logs

import (
	"testing"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/unom/api"
)

// A row of a log that was left out counts for the length of its answer, and is kept.
func TestARowLeftOutCountsForTheLength(t *testing.T) {
	answer := Answer{Value: make([]Row, api.MaxRows-1)}
	if Full(answer) {
		t.Error("999 rows are full")
	}
	answer.Warnings = []carrier.Warning{{Field: "resultList", Reason: lenient.ReasonRow, Odd: 1}}
	if !Full(answer) {
		t.Error("999 rows and one that was left out are not full")
	}
}
