package page

import (
	"strings"

	"kaisen/exporter/fleet"
)

// Finding is something that a person should know, in one sentence.
type Finding struct {
	Level   string // critical, watch or fine
	Text    string
	Link    string // to more about it; empty: none
	Word    string // for that link
	Foreign bool   // in English, whatever the page's language
}

const (
	levelCritical = "critical"
	levelWatch    = "watch"
	levelFine     = "fine"
)

// verdict is what the page says before it says anything else: what is wrong, the worst first, or that nothing is.
func (w words) verdict(f Fleet) []Finding {
	var findings []Finding
	add := func(level, more, text string) {
		findings = append(findings, Finding{Level: level, Link: linkTo(more), Word: more, Text: text})
	}
	if f.NotReady != "" {
		findings = append(findings, Finding{Level: levelCritical, Text: w.say("verdict.not_ready", f.NotReady), Foreign: true})
	}
	w.blindVerdict(f, add)
	if n := f.ThrottledLines(); n > 0 {
		add(levelCritical, fleet.ListRestricted, w.says("verdict.restricted", n))
	}
	if n := f.ThrottledPools(); n > 0 {
		add(levelCritical, morePools, w.says("verdict.pools", n))
	}
	if f.Orders.Failed > 0 {
		add(levelCritical, moreFailed, w.says("verdict.orders_failed", f.Orders.Failed))
	}
	if f.Health.Store.Full {
		add(levelCritical, moreHealth, w.say("verdict.spool_full"))
	}
	if f.NearCap > 0 {
		if f.NearOwn > 0 {
			add(levelWatch, fleet.ListNear, w.says("verdict.near_own", f.NearCap))
		} else {
			add(levelWatch, fleet.ListNear, w.says("verdict.near", f.NearCap))
		}
	}
	if f.RunningOut > 0 {
		add(levelWatch, fleet.ListOut, w.says("verdict.running_out", f.RunningOut))
	}
	if f.Orders.Late > 0 {
		add(levelWatch, moreLate, w.says("verdict.orders_late", f.Orders.Late))
	}
	w.healthVerdict(f, add)
	for _, note := range f.Notes {
		findings = append(findings, Finding{Level: levelWatch, Text: note, Foreign: true})
	}
	if len(findings) == 0 {
		switch {
		case f.Empty():
			add(levelWatch, "", w.say("verdict.no_lines"))
		case f.Lines.Active == 0:
			add(levelFine, "", w.say("verdict.fine.orders"))
		default:
			add(levelFine, "", w.say("verdict.fine"))
		}
	}
	return findings
}

// blindVerdict is about what nobody can know: that is as bad as the worst that may be behind it.
func (w words) blindVerdict(f Fleet, add func(level, more, text string)) {
	for _, dark := range f.Dark {
		add(levelCritical, fleet.ListSilent, w.say("verdict.dark", dark.Name, count(dark.Lines)))
	}
	if n := len(f.Health.Jobs); n > 0 && f.Health.Waiting() == n && f.Lines.Active == 0 {
		add(levelCritical, moreHealth, w.say("verdict.never"))
	}
	if f.Blind() && len(f.Dark) == 0 {
		add(levelCritical, fleet.ListUnknown, w.say("verdict.blind"))
	}
}

// healthVerdict is about kaisen itself.
func (w words) healthVerdict(f Fleet, add func(level, more, text string)) {
	if n := f.UnknownLines(); n > 0 && !f.Blind() {
		add(levelWatch, fleet.ListUnknown, w.says("verdict.unknown", n))
	}
	if f.Lines.Silent > 0 {
		add(levelWatch, fleet.ListSilent, w.says("verdict.silent", f.Lines.Silent))
	}
	if job := f.Health.worst(); job.Late() {
		add(levelWatch, moreHealth, w.say("verdict.behind", job.Name, job.Source, w.span(job.Behind.V)))
	}
	if f.Health.Store.Stuck(f.Now) && !f.Health.Store.Full {
		add(levelWatch, moreHealth, w.say("verdict.stuck", w.span(f.Now.Sub(f.Health.Store.Oldest))))
	}
	if f.Lines.NotExported > 0 {
		add(levelWatch, "", w.says("verdict.not_exported", f.Lines.NotExported))
	}
}

// Where there is more, beside the lists of lines.
const (
	moreHealth = "health" // sections of the page
	morePools  = "pools"
	moreFailed = "orders_failed"
	moreLate   = "orders_late"
)

// linkTo is where there is more about it: on the page, or on the page of a list.
func linkTo(more string) string {
	switch more {
	case "":
		return ""
	case moreHealth, morePools:
		return "#" + more
	case moreFailed, moreLate:
		_, list, _ := strings.Cut(more, "_")
		return "/orders?list=" + list
	default:
		return "/lines?list=" + more
	}
}
