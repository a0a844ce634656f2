package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// percent is a share, with a decimal where it is small enough to matter.
func percent(share float64) string {
	if share < 0.0995 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// count is a number with its thousands apart.
func count[N int | uint64](n N) string {
	digits := fmt.Sprintf("%d", n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// span is a duration in its largest unit that makes at least two.
func (w words) span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return w.say("span.seconds", max(int(d.Seconds()), 0))
	case d < 2*time.Hour:
		return w.say("span.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return w.say("span.hours", int(d.Hours()))
	default:
		return w.say("span.days", int(d.Hours()/24))
	}
}

// ago is how long before now something was.
func (w words) ago(now, then time.Time) template.HTML {
	if then.IsZero() {
		return template.HTML(template.HTMLEscapeString(w.say("ago.never")))
	}
	return timeElement(then.In(now.Location()), w.say("ago", w.span(now.Sub(then))))
}

// ahead is how far off a moment is, or was.
func (w words) ahead(m fleet.Moment) template.HTML {
	if m.In < 0 {
		return timeElement(m.At, w.say("ago", w.span(-m.In)))
	}
	return timeElement(m.At, w.say("ahead", w.span(m.In)))
}

// clock is a time of this or the last months, to the minute.
func (w words) clock(t time.Time) template.HTML {
	return timeElement(t, t.Format(w.say("format.clock")))
}

// day is a calendar day of this or the last months.
func (w words) day(d schema.Date) string { return d.Time().Format(w.say("format.day")) }

// date is a calendar day with its year, where it is known.
func (w words) date(d schema.Opt[schema.Date]) string {
	if !d.Known {
		return ""
	}
	return d.V.Time().Format("2006-01-02")
}

// yearMonth is a month of the carrier's calendar.
func (w words) yearMonth(d schema.Date) string { return d.Time().Format(w.say("format.month")) }

// timeElement is a text that a machine can read as the time that it is.
func timeElement(t time.Time, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05 MST"),
		template.HTMLEscapeString(text)))
}

// join puts the parts that are there behind one another.
func join(parts ...string) string {
	var there []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, " · ")
}
