package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kaisen/exporter/linelabel"
	"kaisen/internal/sqltext"
)

// paceMaxWait is how long a kaisen that runs may take to say how often it asks about a line.
const paceMaxWait = 3 * time.Second

// pacer asks the kaisen that runs on this machine how often it asks the carrier about a line, and why: the schedule is in
// its memory, and nowhere else.
type pacer struct {
	listen string
	labels linelabel.Labels
	silent string // why it says nothing; empty: it was not asked yet, or answers
}

// paces is a table in SQL of lines with how often they are asked about.
func (p *pacer) paces(ctx context.Context, lines []storedLine) string {
	rows := make([]string, len(lines))
	for i, line := range lines {
		rows[i] = fmt.Sprintf("(%s, %s, %s, %s)", sqltext.Quote(line.Source), sqltext.Quote(line.ContractID), line.number(), sqltext.Quote(p.pace(ctx, line)))
	}
	return "values('source String, contract_id String, line_no String, asked String', " + strings.Join(rows, ", ") + ")"
}

// pace is a line's. What is not known is said so, with the reason: a line is shown also where no kaisen runs.
func (p *pacer) pace(ctx context.Context, line storedLine) string {
	if p.silent != "" {
		return p.silent
	}
	address, err := reachable(p.listen)
	if err != nil {
		return "not known: " + err.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, paceMaxWait)
	defer cancel()
	query := url.Values{"source": {line.Source}, "contract": {line.ContractID}, "line": {p.labels.Of(line.LineNo)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/-/schedule?"+query.Encode(), nil)
	if err != nil {
		return "not known: " + err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.silent = "not known: no kaisen answers at " + address
		return p.silent
	}
	defer response.Body.Close()
	var answer struct{ Text string }
	switch response.StatusCode {
	case http.StatusOK:
		if err := json.NewDecoder(response.Body).Decode(&answer); err == nil && answer.Text != "" {
			return answer.Text
		}
	case http.StatusNotFound:
		return "not known: the kaisen at " + address + " does not have the line"
	case http.StatusBadRequest, http.StatusUnauthorized: // as TLS and a password answer
		p.silent = "not known here: the kaisen at " + address + " wants TLS or a password; its page of the line says it"
		return p.silent
	}
	return "not known: the kaisen at " + address + " answers " + response.Status
}
