// Package probing is a first contact with an account: a Probe puts a kind's questions, a Tap below it lets pass no more than
// may be sent, and a Report says what that showed.
//
// It refuses to change anything: only GET and requests for tokens pass. It knows no API, and keeps neither a secret nor a
// line number.
package probing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// MostRequests is how many requests a first contact may cost an account, those for tokens included.
const MostRequests = 60

const (
	mostFailures = 2 // an operation that failed so often is not asked again
	mostSilent   = 3 // nor is any, after so many in a row without an answer
)

// Why a question of a probe was not put.
var (
	errSpent   = errors.New("the requests that a probe may send are spent")
	errGivenUp = errors.New("it did not answer before")
	errEnded   = errors.New("interrupted")
	errOver    = errors.New("the account does not answer")
)

// Probe is a first contact with one account, while it lasts. It puts a kind's questions one after the other, and notes
// what came of each. It writes nothing, and it is not safe for use by many goroutines.
type Probe struct {
	tap    *Tap
	secret string
	limit  float64 // requests a second that the configuration allows; 0: no limit
	begun  time.Time

	perHour float64 // requests that the jobs need

	rows     []*record
	failures map[recordKey]int
	dead     map[string]bool // operations that did not answer at all
	silent   int             // operations in a row without an answer
	over     string          // why nothing is asked any more
	ended    bool            // it was interrupted
	forms    map[Form]int
	expected []expectedOperation
	found    []schema.CarrierFinding
	unknown  []Unknown
	needs    []Need
}

// recordKey is an operation of one contract; the contract is "" where the kind has none.
type recordKey struct{ contract, operation string }

// expectedOperation is one that a job which is switched on needs.
type expectedOperation struct{ operation, job string }

// New begins a first contact through a tap. The secret is kept out of everything that is noted; limit is how many
// requests a second the configuration allows, 0 for any number.
func New(tap *Tap, secret string, limit float64) *Probe {
	return &Probe{tap: tap, secret: secret, limit: limit, begun: time.Now(), failures: make(map[recordKey]int), dead: make(map[string]bool),
		forms: make(map[Form]int)}
}

// Left is how many requests may still be sent.
func (p *Probe) Left() int { return p.tap.left() }

// Over reports whether nothing more will be asked.
func (p *Probe) Over() bool { return p.over != "" || p.Left() == 0 }

// Expect says that a job which is switched on needs an operation.
func (p *Probe) Expect(job string, operations ...string) {
	for _, operation := range operations {
		p.expected = append(p.expected, expectedOperation{operation, job})
	}
}

// Found notes which way of a reading holds, and what showed it: in words, without personal data. Contract and operation are
// those under which the kind's jobs find it. What was found already is not noted again.
func (p *Probe) Found(contract, operation, reading, value, evidence string) {
	if slices.ContainsFunc(p.found, func(f schema.CarrierFinding) bool {
		return f.ContractID == contract && f.Operation == operation && f.Reading == reading && f.Value == value
	}) {
		return
	}
	p.found = append(p.found, schema.CarrierFinding{Source: p.tap.source, ContractID: contract, Operation: operation,
		Reading: reading, Value: value, Evidence: evidence, ObservedAt: time.Now()})
}

// Unknown notes what could not be found out, and why.
func (p *Probe) Unknown(contract, what, why string) {
	switch { // what is missing says nothing of the carrier that was not asked
	case p.ended:
		why = errEnded.Error()
	case p.over != "":
		why = errOver.Error()
	}
	p.unknown = append(p.unknown, Unknown{ContractID: contract, What: what, Why: why})
}

// Need notes what the configuration needs: a key below the source, what was found, and what to do.
func (p *Probe) Need(key, found, advice string) {
	p.needs = append(p.needs, Need{Key: key, Found: found, Advice: advice})
}

// NeedRate notes how many requests the configured jobs need an hour for what was found.
func (p *Probe) NeedRate(found string, perHour float64) {
	p.perHour = perHour
	if allowed := p.limit * 3600; p.limit > 0 && perHour > allowed {
		p.Need("rate_limit.requests_per_second", fmt.Sprintf("%s: the jobs need %.0f requests an hour, and the limit is %.0f", found, perHour, allowed),
			"allow more if the carrier does, or lengthen intervals: lines are asked less often otherwise")
	}
}

// Form notes a form that was met in an operation's answers.
func (p *Probe) Form(form, operation, detail string) {
	p.forms[Form{Form: form, Operation: operation, Detail: detail}]++
}

// Answered says of the last question about an operation that what looks like a failure is an answer, and what it says.
func (p *Probe) Answered(contract, operation, says string) {
	row := p.row(contract, operation)
	row.answered, row.note, row.problem = row.answered+1, cmp.Or(says, row.note), ""
	p.failures[recordKey{contract, operation}] = 0
	p.silent = 0
}

// Refused reports whether an operation was asked and never answered, and with what status at last.
func (p *Probe) Refused(contract, operation string) (status int, refused bool) {
	for _, row := range p.rows {
		if row.recordKey == (recordKey{contract, operation}) {
			return row.status, row.asked > 0 && row.answered == 0
		}
	}
	return 0, false
}

// NotAsked says why an operation was not asked.
func (p *Probe) NotAsked(contract, operation, why string) {
	if row := p.row(contract, operation); row.asked == 0 {
		row.why = why
	}
}

// row finds what is noted of an operation.
func (p *Probe) row(contract, operation string) *record {
	key := recordKey{contract, operation}
	i := slices.IndexFunc(p.rows, func(r *record) bool { return r.recordKey == key })
	if i < 0 {
		p.rows = append(p.rows, &record{recordKey: key})
		i = len(p.rows) - 1
	}
	return p.rows[i]
}

// Ask puts a question of a probe, unless it is in vain, and notes how it went. Rows counts those of an answer. What a kind
// takes for an answer although it is an error it says by Answered.
func Ask[T any](
	ctx context.Context, p *Probe, contract, operation string, rows func(T) int,
	ask func(context.Context) (carrier.Answer[T], error),
) (carrier.Answer[T], error) {
	if err := p.before(ctx, contract, operation); err != nil {
		p.NotAsked(contract, operation, err.Error())
		return carrier.Answer[T]{}, err
	}
	note := new(exchange)
	answer, err := ask(withExchange(ctx, note))
	row := p.row(contract, operation)
	row.add(note)
	if err != nil {
		return answer, p.failed(ctx, row, err)
	}
	row.answered++
	row.rows = max(row.rows, rows(answer.Value))
	p.silent = 0
	for _, w := range answer.Warnings {
		p.Form("warning", operation, w.Field+": "+w.Reason)
	}
	return answer, nil
}

// before is why a question is not put; nil where it is.
func (p *Probe) before(ctx context.Context, contract, operation string) error {
	switch {
	case ctx.Err() != nil:
		p.ended = true
		return errEnded
	case p.over != "":
		return errOver
	case p.dead[operation] || p.failures[recordKey{contract, operation}] >= mostFailures:
		return errGivenUp
	case p.Left() == 0:
		return errSpent
	}
	return nil
}

// failed notes a failure, and whether it is worth asking on.
func (p *Probe) failed(ctx context.Context, row *record, err error) error {
	if ctx.Err() != nil {
		p.ended = true
		row.problem = errEnded.Error()
		return err
	}
	failure := carrier.FailureOf(err)
	if failure.Operation == tokenOperation && !errors.Is(err, errSpent) { // its status and kind are the token's, and say nothing of the operation
		p.over = "no token: " + p.wordsOf(failure)
		row.why = "there is no token"
		p.failures[row.recordKey]++
		return err
	}
	row.status = cmp.Or(failure.Status, row.status)
	row.problem, row.kind = p.wordsOf(failure), failure.Kind
	switch {
	case errors.Is(err, errSpent):
		row.problem = errSpent.Error()
	case failure.Kind == carrier.KindNetwork && failure.Status == 0:
		p.dead[row.operation] = true
		if p.silent++; p.silent >= mostSilent {
			p.over = "three operations in a row did not answer"
		}
	case failure.Kind == carrier.KindThrottled || failure.Kind == carrier.KindMaintenance:
		p.dead[row.operation] = true
	default:
		p.silent = 0
	}
	p.failures[row.recordKey]++
	return err
}

// wordsOf is a failure in words that hold neither a secret nor anything of whom an answer is about.
func (p *Probe) wordsOf(failure *carrier.Error) string {
	plain := carrier.WithoutEcho(failure, p.secret)
	if failure.Kind == carrier.KindMalformed {
		plain.Message, plain.Err = "", nil
	}
	if failure.Operation == tokenOperation {
		plain.Message = failure.Message // made of plain words already
	}
	text := plain.Error()[len(plain.Operation)+len(": "):]
	if failure.Reason != "" && failure.Operation != tokenOperation {
		text += " [" + string(failure.Reason) + "]"
	}
	return text
}
