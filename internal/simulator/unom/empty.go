package unom

import (
	"net/http"

	"kaisen/internal/simulator/chance"
	"kaisen/internal/simulator/gateway"
)

// endList ends an answer that is a list of so many rows. One of none has the form that the reading of empty answers has.
func endList(q *call, w *writer, list string, rows int) gateway.Answer {
	reading := q.Readings[readEmpty]
	if list == "linesList" && q.Operation == "lines" && q.Readings.Is(troubleShrink, "null") {
		rows, reading = 0, "null"
	}
	if rows > 0 || reading == "" {
		return gateway.OK(w.Close("]}"))
	}
	return nothing(q, reading, list)
}

// nothing is the answer of a search that finds nothing, where it is not a list.
func nothing(q *call, reading, list string) gateway.Answer {
	printed := chance.Mix(q.contract.Seed(), uint64(len(q.Operation)))%2 == 0 // one of two ways to say the same
	w := begin(q, dialect{})
	switch reading {
	case "null":
		if printed {
			w.Text(list, "NULL")
		} else {
			w.Nothing(list)
		}
	case "missing":
		if printed {
			return gateway.OK([]byte("{}"))
		}
	case "204":
		return gateway.Answer{Status: http.StatusNoContent}
	case "400":
		return apiError(400, msgBadRequest)
	case "404":
		return apiError(404, msgNotFound)
	}
	return gateway.OK(w.Close("}"))
}
