package schedule

type figures struct{}

type habits struct{}

type fleet struct{}

func (f *fleet) reset() {}

type calendar struct{ zone interface{} }

type price struct {
	stretched, short bool
	budget           float64
}

func (p *price) reset(float64)           {}
func (p *Planner) floor() float64        { return p.config.MinWorth.Seconds() }
func (p *Planner) refit()                {}
func (p *Planner) counted(*target, bool) {}
func nearCode(near float64) uint8        { return uint8(near*250 + 0.5) }

func (p *Planner) learn(t *target, answer Answer) []Crossing { return nil }

// plan puts a target that was asked at a time, and answered, into its lanes.
func (p *Planner) plan(asked int64, h Target, t *target) {
	p.setClass(t, Routine)
	p.enqueue(h, t, asked, asked+p.jobs[t.job].bound)
}

// replan is plan for one that was not asked: something else became known of it.
func (p *Planner) replan(now int64, h Target, t *target) {}

// putOff plans a target anew that is due, and reports whether it is no longer.
func (p *Planner) putOff(now int64, h Target, t *target) bool { return false }
