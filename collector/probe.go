package collector

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

// ProbeRequests is how many requests a first contact may cost an account, those for tokens included.
const ProbeRequests = 60

const (
	probeFailures = 2 // an operation that failed so often is not asked again
	probeSilent   = 3 // nor is any, after so many in a row without an answer
)

// Why a question of a probe was not put.
var (
	errProbeSpent   = errors.New("the requests that a probe may send are spent")
	errProbeGivenUp = errors.New("it did not answer before")
	errProbeEnded   = errors.New("interrupted")
	errProbeOver    = errors.New("the account does not answer")
)

// Probing is a first contact with one account, while it lasts. It puts a kind's questions one after the other, and notes
// what came of each. It writes nothing, and it is not safe for use by many goroutines.
type Probing struct {
	tap    *ProbeTap
	secret string
	limit  float64 // requests a second that the configuration allows; 0: no limit
	begun  time.Time

	perHour float64 // requests that the jobs need

	rows     []*probeRow
	failures map[probeKey]int
	dead     map[string]bool // operations that did not answer at all
	silent   int             // operations in a row without an answer
	over     string          // why nothing is asked any more
	ended    bool            // it was interrupted
	forms    map[ProbeForm]int
	expected []expectedOperation
	found    []schema.CarrierFinding
	unknown  []ProbeUnknown
	needs    []ProbeNeed
}

// probeKey is an operation of one contract; the contract is "" where the kind has none.
type probeKey struct{ contract, operation string }

// expectedOperation is one that a job which is switched on needs.
type expectedOperation struct{ operation, job string }

// NewProbing begins a first contact through a tap. The secret is kept out of everything that is noted; limit is how many
// requests a second the configuration allows, 0 for any number.
func NewProbing(tap *ProbeTap, secret string, limit float64) *Probing {
	return &Probing{tap: tap, secret: secret, limit: limit, begun: time.Now(), failures: make(map[probeKey]int), dead: make(map[string]bool),
		forms: make(map[ProbeForm]int)}
}

// Left is how many requests may still be sent.
func (p *Probing) Left() int { return p.tap.left() }

// Over reports whether nothing more will be asked.
func (p *Probing) Over() bool { return p.over != "" || p.Left() == 0 }

// Expect says that a job which is switched on needs an operation.
func (p *Probing) Expect(job string, operations ...string) {
	for _, operation := range operations {
		p.expected = append(p.expected, expectedOperation{operation, job})
	}
}

// Found notes which way of a reading holds, and what showed it: in words, without personal data. Contract and operation are
// those under which the kind's jobs find it. What was found already is not noted again.
func (p *Probing) Found(contract, operation, reading, value, evidence string) {
	if slices.ContainsFunc(p.found, func(f schema.CarrierFinding) bool {
		return f.ContractID == contract && f.Operation == operation && f.Reading == reading && f.Value == value
	}) {
		return
	}
	p.found = append(p.found, schema.CarrierFinding{Source: p.tap.source, ContractID: contract, Operation: operation,
		Reading: reading, Value: value, Evidence: evidence, ObservedAt: time.Now()})
}

// Unknown notes what could not be found out, and why.
func (p *Probing) Unknown(contract, what, why string) {
	switch { // what is missing says nothing of the carrier that was not asked
	case p.ended:
		why = errProbeEnded.Error()
	case p.over != "":
		why = errProbeOver.Error()
	}
	p.unknown = append(p.unknown, ProbeUnknown{ContractID: contract, What: what, Why: why})
}

// Need notes what the configuration needs: a key below the source, what was found, and what to do.
func (p *Probing) Need(key, found, advice string) {
	p.needs = append(p.needs, ProbeNeed{Key: key, Found: found, Advice: advice})
}

// NeedRate notes how many requests the configured jobs need an hour for what was found.
func (p *Probing) NeedRate(found string, perHour float64) {
	p.perHour = perHour
	if allowed := p.limit * 3600; p.limit > 0 && perHour > allowed {
		p.Need("rate_limit.requests_per_second", fmt.Sprintf("%s: the jobs need %.0f requests an hour, and the limit is %.0f", found, perHour, allowed),
			"allow more if the carrier does, or lengthen intervals: lines are asked less often otherwise")
	}
}

// Form notes a form that was met in an operation's answers.
func (p *Probing) Form(form, operation, detail string) {
	p.forms[ProbeForm{Form: form, Operation: operation, Detail: detail}]++
}

// Answered says of the last question about an operation that what looks like a failure is an answer, and what it says.
func (p *Probing) Answered(contract, operation, says string) {
	row := p.row(contract, operation)
	row.answered, row.note, row.problem = row.answered+1, cmp.Or(says, row.note), ""
	p.failures[probeKey{contract, operation}] = 0
	p.silent = 0
}

// Refused reports whether an operation was asked and never answered, and with what status at last.
func (p *Probing) Refused(contract, operation string) (status int, refused bool) {
	for _, row := range p.rows {
		if row.probeKey == (probeKey{contract, operation}) {
			return row.status, row.asked > 0 && row.answered == 0
		}
	}
	return 0, false
}

// NotAsked says why an operation was not asked.
func (p *Probing) NotAsked(contract, operation, why string) {
	if row := p.row(contract, operation); row.asked == 0 {
		row.why = why
	}
}

// row finds what is noted of an operation.
func (p *Probing) row(contract, operation string) *probeRow {
	key := probeKey{contract, operation}
	i := slices.IndexFunc(p.rows, func(r *probeRow) bool { return r.probeKey == key })
	if i < 0 {
		p.rows = append(p.rows, &probeRow{probeKey: key})
		i = len(p.rows) - 1
	}
	return p.rows[i]
}

// Ask puts a question of a probe, unless it is in vain, and notes how it went. Rows counts those of an answer. What a kind
// takes for an answer although it is an error it says by Answered.
func Ask[T any](
	ctx context.Context, p *Probing, contract, operation string, rows func(T) int,
	ask func(context.Context) (carrier.Answer[T], error),
) (carrier.Answer[T], error) {
	if err := p.before(ctx, contract, operation); err != nil {
		p.NotAsked(contract, operation, err.Error())
		return carrier.Answer[T]{}, err
	}
	note := new(probeNote)
	answer, err := ask(withProbeNote(ctx, note))
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
func (p *Probing) before(ctx context.Context, contract, operation string) error {
	switch {
	case ctx.Err() != nil:
		p.ended = true
		return errProbeEnded
	case p.over != "":
		return errProbeOver
	case p.dead[operation] || p.failures[probeKey{contract, operation}] >= probeFailures:
		return errProbeGivenUp
	case p.Left() == 0:
		return errProbeSpent
	}
	return nil
}

// failed notes a failure, and whether it is worth asking on.
func (p *Probing) failed(ctx context.Context, row *probeRow, err error) error {
	if ctx.Err() != nil {
		p.ended = true
		row.problem = errProbeEnded.Error()
		return err
	}
	failure := FailureOf(err)
	row.status = cmp.Or(failure.Status, row.status)
	row.problem, row.kind = p.wordsOf(failure), failure.Kind
	switch {
	case errors.Is(err, errProbeSpent):
		row.problem = errProbeSpent.Error()
	case failure.Operation == probeToken:
		p.over = "no token: " + row.problem
		row.problem = ""
		row.why = "there is no token"
	case failure.Kind == carrier.KindNetwork && failure.Status == 0:
		p.dead[row.operation] = true
		if p.silent++; p.silent >= probeSilent {
			p.over = "three operations in a row did not answer"
		}
	case failure.Kind == carrier.KindThrottled || failure.Kind == carrier.KindMaintenance:
		p.dead[row.operation] = true
	default:
		p.silent = 0
	}
	p.failures[row.probeKey]++
	return err
}

// wordsOf is a failure in words that hold neither a secret nor anything of whom an answer is about.
func (p *Probing) wordsOf(failure *carrier.Error) string {
	plain := carrier.WithoutEcho(failure, p.secret)
	if failure.Kind == carrier.KindMalformed {
		plain.Message, plain.Err = "", nil
	}
	if failure.Operation == probeToken {
		plain.Message = failure.Message // made of plain words already
	}
	text := plain.Error()[len(plain.Operation)+len(": "):]
	if failure.Reason != "" && failure.Operation != probeToken {
		text += " [" + string(failure.Reason) + "]"
	}
	return text
}
