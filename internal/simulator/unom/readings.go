package unom

import (
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
)

// lineFigures are what call 03 says of a line under the readings.
func lineFigures(q *call) fleet.Figures {
	f := ownFigures(q)
	if q.Readings.Is(readMember, "both") && q.line.ShareAt(q.Now).InPool() {
		f.Limits = q.contract.Group.FiguresFor(q.line, q.Now).Limits
	}
	return volumeTold(q, inUnit(q, f))
}

// shareFigures are what call 09 says when a member asks: remaining volume and restriction are the group's whosever use it is.
func shareFigures(q *call) fleet.Figures {
	f := q.contract.Group.FiguresFor(q.line, q.Now)
	switch {
	case q.Readings.Is(readShare, "line"):
		own := ownFigures(q)
		f.Months, f.Days = own.Months, own.Days
	case q.Readings.Is(readMonth, "without_roaming"):
		f = q.contract.Group.FiguresAtHomeFor(q.line, q.Now)
	}
	return volumeTold(q, inUnit(q, f))
}

func ownFigures(q *call) fleet.Figures {
	if q.Readings.Is(readMonth, "without_roaming") {
		return q.line.FiguresAtHome(q.Now)
	}
	return q.line.Figures(q.Now)
}

// inUnit rounds figures to whole MiB where that is their unit. What remains of a volume always is.
func inUnit(q *call, f fleet.Figures) fleet.Figures {
	if !q.Readings.Is(readUnit, "mebibytes") {
		return f
	}
	round := func(figures []uint64) {
		for i, bytes := range figures {
			if rest := bytes % fleet.MiB; rest < fleet.MiB/2 {
				figures[i] = bytes - rest
			} else {
				figures[i] = min(bytes, ^uint64(0)-fleet.MiB) - rest + fleet.MiB
			}
		}
	}
	round(f.Months[:])
	round(f.Days[:])
	return f
}

// volumeTold has the remaining volume as the readings have it: of a course without one it is nothing, or 0.
func volumeTold(q *call, f fleet.Figures) fleet.Figures {
	reading := q.Readings[readRemaining]
	switch {
	case reading == "":
	case f.Remaining == nil:
		f.Remaining = new(uint64(0))
	case reading == "no_volume" && *f.Remaining == 0:
		f.Remaining = new(uint64(fleet.MiB))
	}
	return f
}

// courseOf is a product's courseType. A plan of lines that has no volume is a zero course in one contract and a spare one
// in the next, where that is why 0 remains of it.
func (u *API) courseOf(p product, q *call) string {
	if q.Readings[readRemaining] == "" || p.Volume > 0 || !fleet.IsPlan(p.Code) {
		return p.course
	}
	return [...]string{courseZero, courseSpare}[q.contract.Index%2]
}

// oddDay is how many days ago the day is whose figure is odd.
const oddDay = 9

// oddFigure is what stands there, as JSON; empty: its figure.
func oddFigure(is gateway.Readings) string {
	return map[string]string{
		"dash": `"-"`, "comma": `"7,521,435,648"`, "unlimited": `"無制限"`, "negative": `"-1"`, "object": `{}`,
	}[is[troubleFigure]]
}
