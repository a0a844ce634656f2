package gateway

import (
	"slices"
	"strings"
	"time"

	"kaisen/internal/simulator/chance"
)

// faultPlan is the fault list in force, since a real time from which its windows count.
type faultPlan struct {
	faults []Fault
	since  time.Time
	seed   uint64
}

// Effects is all that goes wrong with one request. Where several would answer in its stead, the order of the list
// of kinds decides.
type Effects struct {
	hit  []Fault
	slow time.Duration
	Seed uint64 // for what a fault chooses
}

// draw decides what happens to the n-th request. Probabilities follow from the seed and n.
func (p *faultPlan) draw(n uint64, operation string, arrived time.Time) Effects {
	if p == nil || len(p.faults) == 0 {
		return Effects{}
	}
	e := Effects{Seed: chance.Of(p.seed, chance.AboutFault, n)}
	for i, f := range p.faults {
		if len(f.Operations) > 0 && !slices.Contains(f.Operations, operation) {
			continue
		}
		if f.happens(arrived.Sub(p.since), chance.Mix(e.Seed, uint64(i))) {
			e.hit = append(e.hit, f)
			if f.Kind == FaultSlow {
				e.slow += f.Delay
			}
		}
	}
	return e
}

func (f Fault) happens(age time.Duration, roll uint64) bool {
	switch {
	case f.Probability > 0:
		return float64(roll>>11)/(1<<53) < f.Probability
	case f.Every > 0:
		return age%f.Every < f.For
	default:
		return age >= f.After && age < f.After+f.For
	}
}

// Has reports whether a kind of fault is among them.
func (e Effects) Has(kind FaultKind) bool {
	_, ok := e.find(kind)
	return ok
}

func (e Effects) find(kind FaultKind) (Fault, bool) {
	for _, f := range e.hit {
		if f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// instead is the answer a fault gives before anything else is looked at, in the shape of the API that was asked.
func (e Effects) instead(api API, requestID uint64) (Answer, bool) {
	if f, ok := e.find(Fault429); ok {
		return spikeArrest(requestID, ceilSeconds(f.Delay)), true
	}
	if e.Has(Fault500) {
		return api.Fault(500, msgInternal, requestID), true
	}
	if f, ok := e.find(Fault503); ok {
		a := api.Fault(503, msgMaintenance, requestID)
		if f.Delay > 0 {
			a.retryAfter = ceilSeconds(f.Delay)
		}
		return a, true
	}
	return Answer{}, false
}

// maxAnswer is what no sane answer exceeds; an oversized one does.
const maxAnswer = 1 << 20

// spoil changes a finished answer.
func (e Effects) spoil(a Answer) Answer {
	if f, ok := e.find(FaultHTML); ok {
		return Answer{Status: f.Status, html: true, Body: []byte(page)}
	}
	if e.Has(FaultMalformed) {
		a.Body = a.Body[:len(a.Body)/2]
		a.Delivered = nil
	}
	if e.Has(FaultOversize) && len(a.Body) > 0 && a.Body[0] == '{' {
		padding := `{"padding":"` + strings.Repeat("x", maxAnswer+maxAnswer/4) + `",`
		a.Body = append([]byte(padding), a.Body[1:]...)
		a.Delivered = nil
	}
	if e.Has(FaultCut) {
		a.cut = true
		a.Delivered = nil
	}
	return a
}

const page = `<!DOCTYPE html>
<html lang="ja"><head><title>ただいまアクセスが集中しています</title></head>
<body><h1>503 Service Temporarily Unavailable</h1><p>しばらくしてからもう一度お試しください。</p></body></html>
`
