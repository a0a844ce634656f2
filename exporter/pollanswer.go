package exporter

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
)

// pollAnswer is what a poll is answered with.
type pollAnswer struct {
	Status      string   `json:"status"` // polled, polling, or why not
	Source      string   `json:"source,omitempty"`
	ContractID  string   `json:"contract_id,omitempty"`
	Line        string   `json:"line,omitempty"`
	Restriction string   `json:"restriction,omitempty"`
	Remaining   *uint64  `json:"remaining_bytes,omitempty"`
	Month       *uint64  `json:"month_bytes,omitempty"`
	Lines       []string `json:"lines,omitempty"`       // that the text may mean
	GivenUpIn   float64  `json:"given_up_in,omitempty"` // seconds after which a poll that goes on is given up
}

// polled answers with the end of a poll.
func (p *polls) polled(w http.ResponseWriter, r *http.Request, name fleet.Name, err error) {
	var held *HeldUpError
	switch {
	case errors.As(err, &held):
		status := http.StatusServiceUnavailable
		if held.Ours {
			status = http.StatusTooManyRequests
		}
		p.refuse(w, r, refusal{status: status, retry: held.Wait, text: held.Why})
	case errors.Is(err, ErrNotPolled):
		p.refuse(w, r, refusal{status: http.StatusNotFound, text: err.Error()})
	case err != nil: // its text may name the line otherwise than labels do
		p.refuse(w, r, refusal{status: http.StatusBadGateway, text: "the carrier did not answer, or refused; kaisen's log says more"})
	default:
		answer := pollAnswer{Status: "polled"}
		if detail, known := p.fleet.Detail(name, time.Now()); known {
			answer.Restriction = detail.Restriction
			if detail.Remaining.Known {
				answer.Remaining = &detail.Remaining.V
			}
			if detail.Used.Known {
				answer.Month = &detail.Used.V
			}
		}
		p.answer(w, r, name, http.StatusOK, answer)
	}
}

// answer says what became of a poll: to a browser, whose form was on the line's page, with that page.
func (p *polls) answer(w http.ResponseWriter, r *http.Request, name fleet.Name, status int, answer pollAnswer) {
	if wantsPage(r) {
		http.Redirect(w, r, page.Path(name), http.StatusSeeOther)
		return
	}
	answer.Source, answer.ContractID, answer.Line = name.Source, name.ContractID, name.Label
	p.write(w, status, answer)
}

func (p *polls) refuse(w http.ResponseWriter, r *http.Request, why refusal) {
	if why.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((why.retry+time.Second-1)/time.Second)))
	}
	if wantsPage(r) {
		http.Error(w, "Not polled: "+why.text+".", why.status)
		return
	}
	p.write(w, why.status, pollAnswer{Status: why.text, Lines: why.lines})
}

func (p *polls) write(w http.ResponseWriter, status int, answer pollAnswer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a client that left needs no answer
}

// wantsPage reports whether a browser asks, with a form.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
