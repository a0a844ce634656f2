package unom

import "kaisen/collector"

// LinePace implements collector.LinePacer, of the figures that decide for a line: its own (call 03), or its share group's
// (call 09), which one member may be asked for in place of all.
func (c *Collector) LinePace(contract, lineNo string) (pace collector.Pace, known bool) {
	l, known := c.fleet.get(contract, lineNo)
	if !known || !l.polled() {
		return collector.Pace{}, false
	}
	if l.inPool() {
		pace, known = c.Pace(JobDataShare, askDataShare, c.plans.shares, l)
		if g := c.shareGroup(contract); !known && g != nil {
			pace, known = c.Pace(JobDataShare, askDataShare, c.plans.shares, g)
		}
		if pace.Pool = true; known {
			return pace, true
		}
	}
	return c.Pace(JobTraffic, askTraffic, c.plans.traffic, l)
}
