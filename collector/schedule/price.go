package schedule

import "math"

// price is what a request is worth: θ of the package comment, in seconds of delay. It is found from the demand, the
// requests a second that all targets ask for, at each of a row of prices.
type price struct {
	stretched bool    // asking all at their intervals would take more than half of the budget
	short     bool    // asking all at their maximum age would take more than all of it
	budget    float64 // requests a second

	floor   float64
	worth   float64
	part    float64 // of what the bounds leave of the budget that urgency may ask for, so that who is due is not late
	demand  [prices]float64
	bounds  []int64 // of the jobs, as the demand was summed with
	changes int     // since it was summed
	ratios  [exponents][prices]float64
}

const (
	prices    = 34
	cheapest  = 1.0 / 1024 // seconds, of the first price; each is twice the one before
	exponents = 8
)

func (p *price) reset(floor float64) {
	p.floor, p.worth, p.part = floor, floor, 1
	for e := range p.ratios {
		for i := range p.ratios[e] {
			p.ratios[e][i] = math.Exp2(float64(i) * exponentOf(uint8(e)))
		}
	}
}

// exponentOf is how the interval grows with the price: 1/(k+1) for steepness k, 1/2 for a constant hazard.
func exponentOf(code uint8) float64 { return 0.5 * float64(code+1) / exponents }

func exponentCode(exponent float64) uint8 {
	return uint8(min(exponents-1, max(0, exponent*2*exponents-0.5)))
}

// settle finds the price at which the demand is the budget.
func (p *price) settle() {
	bounds := p.demand[prices-1] // at no price do they ask for less
	budget := bounds + p.part*(p.budget-bounds)
	if p.demand[0] <= budget || math.IsInf(budget, 1) {
		p.worth = max(p.floor, cheapest)
		return
	}
	low, high := 0, prices-1 // demand at low is above the budget
	for high-low > 1 {
		if mid := (low + high) / 2; p.demand[mid] > budget {
			low = mid
		} else {
			high = mid
		}
	}
	part := 1.0
	if fall := p.demand[low] - p.demand[high]; fall > 0 {
		part = min(1, max(0, (p.demand[low]-budget)/fall))
	}
	p.worth = max(p.floor, cheapest*math.Exp2(float64(low)+part))
}

// demandAt is the requests a second that are asked for at a price.
func (p *price) demandAt(worth float64) float64 {
	at := min(prices-1, max(0, math.Log2(worth/cheapest)))
	low := min(prices-2, int(at))
	part := at - float64(low)
	return p.demand[low]*(1-part) + p.demand[low+1]*part
}

// late corrects the part by how late somebody is asked who was due: the demand is that of what was known at the last
// answers, and where the budget does not suffice the turns of who waited longest cost some of it.
func (p *price) late(by, tolerated int64) {
	const speed = 1.0 / 4096
	if by > tolerated {
		p.part = max(0.1, p.part*(1-speed))
	} else {
		p.part = min(1, p.part*(1+speed))
	}
}

// floor is the least price.
func (p *Planner) floor() float64 { return p.config.MinWorth.Seconds() }

// counted adds what a target asks for to the demand, or takes it away.
func (p *Planner) counted(t *target, on bool) {
	if t.is(counted) == on {
		return
	}
	t.set(counted, on)
	sign := 1.0
	if !on {
		sign = -1
	}
	p.tally(t, sign)
	if p.price.changes++; p.price.changes > 1000+16*p.live {
		p.sum()
	}
}

func (p *Planner) tally(t *target, sign float64) {
	most := sign / (float64(p.price.bounds[t.job]) / 1000)
	if t.price <= 0 || math.IsInf(float64(t.tau), 0) { // no price moves it
		for i := range p.price.demand {
			p.price.demand[i] += most
		}
		return
	}
	// At the cheapest price it waits tau·(cheapest/price)^e, and ratios times as long at the others.
	exponent := exponentOf(t.exponent)
	rate := sign / (float64(t.tau) * math.Exp2(exponent*math.Log2(cheapest/float64(t.price))))
	least := sign / p.config.MinInterval.Seconds()
	ratios := &p.price.ratios[t.exponent]
	for i := range p.price.demand {
		r := rate / ratios[i]
		if sign > 0 {
			r = max(most, min(least, r))
		} else {
			r = min(most, max(least, r))
		}
		p.price.demand[i] += r
	}
}

// sum adds the demand up anew, because bounds have changed or rounding has gathered.
func (p *Planner) sum() {
	for i := range p.jobs {
		p.price.bounds[i] = p.jobs[i].bound
	}
	p.price.demand = [prices]float64{}
	p.price.changes = 0
	p.targets.each(func(_ Target, t *target) {
		if t.is(counted) {
			p.tally(t, 1)
		}
	})
}

// refit sums anew once bounds have moved far enough from those that the demand was summed with.
func (p *Planner) refit() {
	for i := range p.jobs {
		if was, now := float64(p.price.bounds[i]), float64(p.jobs[i].bound); now > was*1.05 || now < was*0.95 {
			p.sum()
			break
		}
	}
	p.price.settle()
}
