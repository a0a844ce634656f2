package exporter

import (
	"cmp"
	"slices"
	"time"

	"kaisen/schema"
)

// nearestShown is how many lines the page lists as nearest to their cap.
const nearestShown = 20

// overview is the fleet at a glance, as the page shows it.
type overview struct {
	Lines, Silent, NotExported int // exported; those of them without a fresh traffic answer; left out by the cap
	Restrictions               []count
	Nearest                    []standing // the smallest share of the month's volume left, first
	Pools                      []poolStanding
}

type count struct {
	Name  string
	Lines int
}

// standing is how a line stands against its cap.
type standing struct {
	Source, ContractID, LineNo string
	Remaining, Month           uint64
	Ratio                      float64
	Restriction                string
	ReceivedAt                 time.Time
}

type poolStanding struct {
	Source, ContractID string
	Remaining          schema.Opt[uint64]
	Members            int
}

// overview looks at every line. It takes the lock chunk by chunk, so writers do not wait for the whole of it.
func (f *Fleet) overview() overview {
	now := time.Now().UnixMilli()
	o := overview{NotExported: f.notExported()}
	for _, name := range f.codes.restrictions {
		o.Restrictions = append(o.Restrictions, count{Name: name})
	}
	for _, c := range f.chunks() {
		f.overlook(c, now, &o)
	}
	slices.SortFunc(o.Pools, func(a, b poolStanding) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ContractID, b.ContractID))
	})
	return o
}

func (f *Fleet) overlook(c *chunk, now int64, o *overview) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range c.subjects {
		switch s := s.(type) {
		case *line:
			o.addLine(s, now)
		case *contract:
			o.addPool(s, now)
		}
	}
}

func (o *overview) addLine(l *line, now int64) {
	o.Lines++
	s := &l.traffic[scopeLine]
	if !s.told || now > l.contract.account.deadline(jobTraffic, s.received) {
		o.Silent++
		return
	}
	o.Restrictions[s.restriction].Lines++
	ratio, known := s.ratio()
	if !known {
		return
	}
	at, _ := slices.BinarySearchFunc(o.Nearest, ratio, func(n standing, ratio float64) int { return cmp.Compare(n.Ratio, ratio) })
	if at == nearestShown {
		return
	}
	o.Nearest = slices.Insert(o.Nearest, at, standing{
		Source: l.id.values[0], ContractID: l.id.values[1], LineNo: l.id.values[2],
		Remaining: s.remaining.V, Month: s.month.V, Ratio: ratio,
		Restriction: o.Restrictions[s.restriction].Name,
		ReceivedAt:  time.UnixMilli(s.received),
	})
	o.Nearest = o.Nearest[:min(len(o.Nearest), nearestShown)]
}

func (o *overview) addPool(c *contract, now int64) {
	if !c.pool.told || now > c.account.deadline(jobDataShare, c.pool.received) {
		return
	}
	o.Pools = append(o.Pools, poolStanding{
		Source: c.id.values[0], ContractID: c.id.values[1], Remaining: c.pool.remaining, Members: c.inPool,
	})
}
