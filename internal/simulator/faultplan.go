package simulator

import (
	"slices"
	"strings"
	"time"
)

// faultPlan is the fault list in force, since a real time from which its windows count.
type faultPlan struct {
	faults []Fault
	since  time.Time
	seed   uint64
}

// effects is all that goes wrong with one request. Where several would answer in its stead, the order of the list
// of kinds decides.
type effects struct {
	hit   []Fault
	slow  time.Duration
	seed  uint64 // for what a fault chooses
	empty bool
}

// draw decides what happens to the n-th request. Probabilities follow from the seed and n.
func (p *faultPlan) draw(n uint64, operation string, arrived time.Time) effects {
	if p == nil || len(p.faults) == 0 {
		return effects{empty: true}
	}
	e := effects{seed: of(p.seed, aboutFault, n)}
	for i, f := range p.faults {
		if len(f.Operations) > 0 && !slices.Contains(f.Operations, operation) {
			continue
		}
		if f.happens(arrived.Sub(p.since), mix(e.seed, uint64(i))) {
			e.hit = append(e.hit, f)
			if f.Kind == FaultSlow {
				e.slow += f.Delay
			}
		}
	}
	return e
}

func (f Fault) happens(age time.Duration, chance uint64) bool {
	switch {
	case f.Probability > 0:
		return float64(chance>>11)/(1<<53) < f.Probability
	case f.Every > 0:
		return age%f.Every < f.For
	default:
		return age >= f.After && age < f.After+f.For
	}
}

func (e effects) has(kind FaultKind) bool {
	_, ok := e.find(kind)
	return ok
}

func (e effects) find(kind FaultKind) (Fault, bool) {
	for _, f := range e.hit {
		if f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// instead is the answer a fault gives before anything else is looked at, in the shape of the API that was asked.
func (e effects) instead(found *route, requestID uint64) (answer, bool) {
	of := apiUnom
	if found != nil {
		of = found.api
	}
	if f, ok := e.find(Fault429); ok {
		a := gatewayError(429, "Too Many Requests", "Spike arrest violation.", requestID)
		a.retryAfter = ceilSeconds(f.Delay)
		return a, true
	}
	if e.has(Fault500) {
		return of.fault(500, msgInternal, requestID), true
	}
	if f, ok := e.find(Fault503); ok {
		a := of.fault(503, msgMaintenance, requestID)
		if f.Delay > 0 {
			a.retryAfter = ceilSeconds(f.Delay)
		}
		return a, true
	}
	return answer{}, false
}

// maxAnswer is what no sane answer exceeds; an oversized one does.
const maxAnswer = 1 << 20

// spoil changes a finished answer.
func (e effects) spoil(a answer) answer {
	if f, ok := e.find(FaultHTML); ok {
		return answer{status: f.Status, html: true, body: []byte(page)}
	}
	if e.has(FaultMalformed) {
		a.body = a.body[:len(a.body)/2]
		a.traffic, a.session = nil, nil
	}
	if e.has(FaultOversize) && len(a.body) > 0 && a.body[0] == '{' {
		padding := `{"padding":"` + strings.Repeat("x", maxAnswer+maxAnswer/4) + `",`
		a.body = append([]byte(padding), a.body[1:]...)
		a.traffic, a.session = nil, nil
	}
	if e.has(FaultCut) {
		a.cut = true
		a.traffic, a.session = nil, nil
	}
	return a
}

const page = `<!DOCTYPE html>
<html lang="ja"><head><title>ただいまアクセスが集中しています</title></head>
<body><h1>503 Service Temporarily Unavailable</h1><p>しばらくしてからもう一度お試しください。</p></body></html>
`
