package page

import "kaisen/exporter/fleet"

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
	if n := f.ThrottledLines(); n > 0 {
		add(levelCritical, fleet.ListRestricted, w.says("verdict.restricted", n))
	}
	if f.Health.Store.Full {
		add(levelCritical, moreHealth, w.say("verdict.spool_full"))
	}
	if f.NearCap > 0 {
		add(levelWatch, fleet.ListNear, w.says("verdict.near", f.NearCap))
	}
	if f.RunningOut > 0 {
		add(levelWatch, fleet.ListOut, w.says("verdict.running_out", f.RunningOut))
	}
	w.healthVerdict(f, add)
	for _, note := range f.Notes {
		findings = append(findings, Finding{Level: levelWatch, Text: note, Foreign: true})
	}
	if len(findings) == 0 {
		if f.Lines.Active == 0 {
			add(levelWatch, "", w.say("verdict.no_lines"))
		} else {
			add(levelFine, "", w.say("verdict.fine"))
		}
	}
	return findings
}

// healthVerdict is about kaisen itself.
func (w words) healthVerdict(f Fleet, add func(level, more, text string)) {
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

// moreHealth is the section of the page about kaisen itself.
const moreHealth = "health"

// linkTo is where there is more about it: on the page, or on the page of a list.
func linkTo(more string) string {
	switch more {
	case "":
		return ""
	case moreHealth:
		return "#" + moreHealth
	default:
		return "/lines?list=" + more
	}
}
