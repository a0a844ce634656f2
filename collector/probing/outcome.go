package probing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// record gathers what is known of one operation of one contract.
type record struct {
	recordKey
	asked, answered, status, rows int
	took                          time.Duration
	size                          int64
	problem, note, why            string
	kind                          carrier.Kind // of the last failure
	resting                       bool         // not asked, and nothing is wrong with that
}

func (r *record) add(n *exchange) {
	r.asked++
	r.status, r.took, r.size = cmp.Or(n.status, r.status), max(r.took, n.took), max(r.size, n.size)
}

// API is what a report says of the carrier's API that was probed.
type API struct {
	Kind, Title string // its name here, and the carrier's
	Operations  []carrier.Operation
	Readings    []schema.Reading
}

// Report is what a probe has shown, also one that was interrupted.
func (p *Probe) Report(ctx context.Context, of API) Report {
	r := Report{Source: p.tap.source, Kind: of.Kind, API: of.Title, StartedAt: p.begun, TookMS: time.Since(p.begun).Milliseconds(),
		Requests: p.tap.Sent(), MostRequests: MostRequests, Stopped: p.over,
		NeededPerHour: p.perHour, AllowedPerHour: 3600 * p.limit,
		Findings: []Finding{}, Forms: p.allForms(), Needs: append(p.needJobs(), p.needs...), Unknown: append([]Unknown{}, p.unknown...)}
	switch {
	case ctx.Err() != nil:
		r.Stopped = errEnded.Error()
	case r.Stopped == "" && p.Left() == 0:
		r.Stopped = errSpent.Error()
	}
	r.Operations, r.Complete = p.operations(of)
	r.Complete = r.Complete && ctx.Err() == nil && p.over == ""
	for _, reading := range of.Readings {
		for _, f := range p.found {
			if f.Reading == reading.Name {
				r.Findings = append(r.Findings, explained(f, reading))
			}
		}
	}
	return r
}

// explained is a finding with what it means.
func explained(f schema.CarrierFinding, of schema.Reading) Finding {
	finding := Finding{ContractID: f.ContractID, Operation: f.Operation, Reading: f.Reading, Question: of.Title, Value: f.Value, Evidence: f.Evidence}
	for _, value := range of.Values {
		if value.Name == f.Value {
			finding.Means, finding.Does = value.Means, value.Does
		}
	}
	return finding
}

// operations are how all of them answered, and whether those did that a job needs.
func (p *Probe) operations(of API) (all []Operation, complete bool) {
	complete = true
	t := &p.tap.token
	token := Operation{Operation: tokenOperation, Jobs: []string{}, Outcome: Answered, Asked: t.asked, Status: t.status,
		TookMS: t.took.Milliseconds(), Rows: 1, Bytes: t.size}
	switch {
	case t.asked == 0:
		token.Outcome, token.Rows = NotAsked, 0
	case t.status < 200 || t.status > 299 || p.over != "" && p.noneAnswered():
		token.Outcome, token.Rows, token.Note = Failed, 0, p.over
	default:
		token.Answered = t.asked
	}
	all = append(all, token)
	asked := make(map[string]bool)
	for _, row := range p.rows {
		asked[row.operation] = true
		o := p.operation(of, row)
		complete = complete && (o.Outcome == Answered || len(o.Jobs) == 0 || o.Outcome == NotAsked && row.resting)
		all = append(all, o)
	}
	for _, e := range p.expected {
		if !asked[e.operation] { // as nothing came to it
			asked[e.operation], complete = true, false
			all = append(all, p.operation(of, &record{recordKey: recordKey{operation: e.operation}, why: cmp.Or(p.over, "the probe did not come to it")}))
		}
	}
	return all, complete
}

// NothingToAsk says that there is nothing an operation could be asked about, which is no fault.
func (p *Probe) NothingToAsk(contract, operation string) {
	p.Resting(contract, operation, "there is nothing to ask about")
}

// Resting says why an operation was not asked although nothing is wrong with it.
func (p *Probe) Resting(contract, operation, why string) {
	p.NotAsked(contract, operation, why)
	p.row(contract, operation).resting = true
}

// needJobs advises to switch off the jobs whose operations are refused.
func (p *Probe) needJobs() []Need {
	needs := []Need{}
	refusals := []carrier.Kind{carrier.KindUnauthorised, carrier.KindNotAllowed, carrier.KindNotFound}
	for _, row := range p.rows {
		for _, e := range p.expected {
			if e.operation == row.operation && row.asked > 0 && row.answered == 0 && slices.Contains(refusals, row.kind) {
				of := ""
				if row.contract != "" {
					of = " of contract " + row.contract
				}
				needs = append(needs, Need{Key: "jobs." + e.job + ".interval", Found: fmt.Sprintf("%s%s is refused with %d", row.operation, of, row.status),
					Advice: "0 switches the job off, if the account is not meant to use it"})
			}
		}
	}
	return needs
}

func (p *Probe) noneAnswered() bool {
	return !slices.ContainsFunc(p.rows, func(r *record) bool { return r.answered > 0 })
}

// operation is how one answered.
func (p *Probe) operation(of API, row *record) Operation {
	o := Operation{ContractID: row.contract, Operation: row.operation, Jobs: []string{}, Outcome: Answered, Asked: row.asked,
		Answered: row.answered, Status: row.status, TookMS: row.took.Milliseconds(), Rows: row.rows, Bytes: row.size, Note: row.note}
	for _, operation := range of.Operations {
		if operation.Name == row.operation {
			o.Number = operation.Number
		}
	}
	for _, e := range p.expected {
		if e.operation == row.operation {
			o.Jobs = append(o.Jobs, e.job)
		}
	}
	switch {
	case row.answered > 0:
		if row.answered < row.asked && o.Note == "" {
			o.Note = row.problem
		}
	case row.asked == 0 || row.why != "" && row.problem == "":
		o.Outcome, o.Note = NotAsked, row.why
	default:
		o.Outcome, o.Note = Failed, row.problem
	}
	return o
}

// allForms are the forms that were met, the account's first.
func (p *Probe) allForms() []Form {
	forms := []Form{}
	t := p.tap
	t.mu.Lock()
	defer t.mu.Unlock()
	add := func(form, detail string, times int) {
		if times > 0 {
			forms = append(forms, Form{Form: form, Detail: detail, Times: times})
		}
	}
	add("token", t.token.form, t.token.asked)
	add("date", fmt.Sprintf("the Date header is ahead of our clock by %s to %s", t.dates.least.Round(time.Second), t.dates.most.Round(time.Second)), t.dates.with)
	add("date", "there is no Date header", t.dates.without)
	for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
		add("content_type", kind, t.kinds[kind])
	}
	for _, wait := range t.waits {
		add("limit", wait, 1)
	}
	met := slices.Collect(maps.Keys(p.forms))
	slices.SortFunc(met, func(a, b Form) int {
		return cmp.Or(cmp.Compare(a.Form, b.Form), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Detail, b.Detail))
	})
	for _, form := range met {
		times := p.forms[form]
		form.Times = times
		forms = append(forms, form)
	}
	return forms
}
