package unom

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// A line whose remaining volume is 0 has no volume if its plan's courseType is zero or spare; where the plan's course is not
// known, if no line of the same plan and contract has ever told a volume above 0, nor was restricted (which is a finding, so that
// it holds when all of them have come to 0); otherwise it is used up. Remaining above 0 is always a volume, and a share group always has one. The views (plan_volumes) and the
// exporter go by the same rule; what is found here says how it came out.

// volume is what call 03 told of a line's volume last.
type volume struct {
	remaining   schema.Opt[uint64]
	restriction schema.Restriction
	today       schema.Opt[uint64]
	usesOn      bool // it has used something although nothing was left
}

// note takes in another sample.
func (v *volume) note(sample *schema.TrafficSample) {
	none := schema.Some[uint64](0)
	grew := v.today.Known && sample.TodayBytes.Known && sample.TodayBytes.V > v.today.V
	v.usesOn = sample.RemainingBytes == none && v.remaining == none && (v.usesOn || grew)
	v.remaining, v.restriction, v.today = sample.RemainingBytes, sample.Restriction, sample.TodayBytes
}

// usedUp reports whether more volume would change what the carrier says of the line.
func (v *volume) usedUp() bool {
	return v.remaining == schema.Some[uint64](0) || restrictsMonth(v.restriction)
}

// restrictsMonth reports whether a restriction is that of the month's volume.
func restrictsMonth(r schema.Restriction) bool {
	return r == schema.RestrictionMonthly || r == schema.RestrictionMonthlyAndRecent
}

// shows reports whether a line shows that its plan has a volume.
func (v *volume) shows() bool {
	switch v.restriction {
	case schema.RestrictionRecent, schema.RestrictionMonthly, schema.RestrictionMonthlyAndRecent:
		return true
	}
	return v.remaining.Known && v.remaining.V > 0
}

// judgeRemaining says what a remaining volume of 0 means for a contract's lines that draw on no share group.
func (c *Collector) judgeRemaining(contract string, lines []*line, at time.Time) schema.CarrierFinding {
	finding := schema.CarrierFinding{Reading: readings.RemainingNil, ObservedAt: at}
	courses := c.courses(contract)
	shown := map[string]bool{}
	for _, l := range lines {
		if volume, plan := l.volumeOfPlan(); l.active() && volume.shows() {
			shown[plan] = true
		}
	}
	for _, l := range lines {
		if plan := l.snapshot().PlanCode; c.Finding(contract, plan, readings.PlanVolume) != "" {
			shown[plan] = true
		}
	}
	var none, byCourse, usedUp, usesOn int
	for _, l := range lines {
		volume, plan := l.volumeOfPlan()
		if !l.active() || l.inPool() || volume.remaining != schema.Some[uint64](0) {
			continue
		}
		if volume.usesOn {
			usesOn++
		}
		switch course, known := courses[plan]; {
		case course == schema.CourseZero || course == schema.CourseSpare:
			none, byCourse = none+1, byCourse+1
		case known || shown[plan]:
			usedUp++
		default:
			none++
		}
	}
	switch {
	case none > 0 && usedUp > 0:
		finding.Value = readings.RemainingBoth
	case none > 0:
		finding.Value = readings.RemainingNoVolume
	case usedUp > 0:
		finding.Value = readings.RemainingUsedUp
	}
	finding.Evidence = fmt.Sprintf("of %d lines with 0 bytes left %d have no volume (%d by their course, of the others no line of the plan shows one), and %d go on using",
		none+usedUp, none, byCourse, usesOn)
	return finding
}

// findVolumes writes which plans have shown a volume, of those whose course is not known.
func (c *Collector) findVolumes(ctx context.Context, sweep *collector.Sweep, contract string, lines []*line, at time.Time) error {
	courses := c.courses(contract)
	if products := c.products[contract]; products != nil && c.On(JobProducts) && len(products.All()) == 0 {
		return nil // call 06 has not told any yet
	}
	for _, l := range lines {
		volume, plan := l.volumeOfPlan()
		if _, known := courses[plan]; known || !l.active() || !volume.shows() {
			continue
		}
		if err := c.Find(ctx, sweep, schema.CarrierFinding{ContractID: contract, Operation: plan, Reading: readings.PlanVolume,
			Value: readings.PlanVolumeShown, Evidence: "a line of the plan was told that something is left, or was restricted", ObservedAt: at}); err != nil {
			return err
		}
	}
	return nil
}

// volumeOfPlan is what was told of the line's volume last, and the plan that it is of.
func (l *line) volumeOfPlan() (volume, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.volume, l.row.PlanCode
}

// restoreVolume takes in an earlier process's sample, unless there was one since.
func (l *line) restoreVolume(row schema.TrafficSample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.volume == (volume{}) {
		l.volume.note(&row)
	}
}

// courses are the courses of a contract's plans, as far as call 06 has told them.
func (c *Collector) courses(contract string) map[string]schema.CourseType {
	known := map[string]schema.CourseType{}
	products := c.products[contract]
	if products == nil {
		return known // another process reads them
	}
	latest := map[string]schema.Product{}
	for _, row := range products.All() {
		was, twice := latest[row.ProductCode]
		newer := !twice || row.ObservedAt.After(was.ObservedAt) || row.ObservedAt.Equal(was.ObservedAt) && row.ProductName > was.ProductName
		if row.ProductCode != "" && row.CourseType != schema.CourseUnknown && newer {
			latest[row.ProductCode], known[row.ProductCode] = row, row.CourseType
		}
	}
	return known
}
