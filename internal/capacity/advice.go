package capacity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// advise says what would do where an account's limit does not, and what is to be known of one whose does.
func (a *Account) advise() {
	add := func(format string, args ...any) { a.Advice = append(a.Advice, fmt.Sprintf(format, args...)) }
	room := comfortable * a.Limit
	switch {
	case a.Requests > a.Limit:
		add("the jobs ask more than the limit lets through: lines are asked less often than configured, those first that waited longest")
	case a.Requests > room:
		add("over %.0f %% of the limit are needed, so that an outage is caught up with slowly", 100*comfortable)
	case a.AtFirst > a.Limit:
		add("until the session logs have shown that they are right about who is connected (some hours, or never), the jobs ask %s an hour, more than the limit", number(a.AtFirst))
		return
	default:
		return
	}
	add("%s would do, if the carrier allows it", a.enough())
	var lists, items float64
	for _, job := range a.Jobs {
		if job.Items == 0 {
			lists += job.PerHour
			continue
		}
		items += job.PerHour
	}
	if lists >= room {
		add("no longer interval of lines does, as lists and logs alone ask %s an hour: spread the contracts over more accounts", number(lists))
		return
	}
	by := items / (room - lists)
	var intervals []string
	for _, job := range a.Jobs {
		if job.Items > 0 && job.PerHour > 0 {
			intervals = append(intervals, job.Job+": "+Span(math.Ceil(job.Interval*by/60)*60))
		}
	}
	add("or these intervals: %s", strings.Join(intervals, ", "))
	add("or %d accounts with such a limit", whole(a.Requests/room))
}

// enough is the limit that would do: the key of rate_limit that is too small, or both, for all shards where there are several.
func (a *Account) enough() string {
	needed, shards := a.Requests/comfortable, float64(max(1, a.shards))
	second, day := math.Ceil(needed*shards/36)/100, math.Ceil(24*needed)*shards
	var parts []string
	if 3600*a.limit.RequestsPerSecond < needed {
		parts = append(parts, "a limit of "+trim(second)+" requests a second")
	}
	if a.limit.DailyRequests > 0 && float64(a.limit.DailyRequests) < 24*needed {
		parts = append(parts, "daily_requests: "+trim(day))
	}
	text := strings.Join(parts, " with ")
	if shards > 1 {
		text += fmt.Sprintf(" for all %.0f shards", shards)
	}
	return text
}

// verdict is the plan in one line.
func (p *Plan) verdict() string {
	if len(p.Accounts) == 0 {
		return "nothing to plan: no source is this process's"
	}
	fullest, latest := &p.Accounts[0], &p.Accounts[0]
	for i := range p.Accounts {
		a := &p.Accounts[i]
		if a.Share > fullest.Share {
			fullest = a
		}
		if seen, most := a.seen(), latest.seen(); seen != nil && (most == nil || seen.P95 > most.P95) {
			latest = a
		}
	}
	text := fmt.Sprintf("%s asks %s requests an hour, %s %% of its limit", fullest.Source, rate(fullest.expected()), percent(fullest.expected()/fullest.Limit))
	if len(p.Accounts) > 1 {
		text = fmt.Sprintf("of %d accounts the fullest, %s", len(p.Accounts), text)
	}
	seen := fullest.seen()
	if seen != nil {
		text += "; a crossing is seen " + seen.text()
	}
	switch most := latest.seen(); {
	case most == nil:
	case seen == nil:
		text += "; a crossing in " + latest.Source + " is seen " + most.text()
	case most.P95 > seen.P95:
		text += "; in " + latest.Source + " " + most.text()
	}
	for _, a := range p.Accounts {
		if a.Requests > a.Limit {
			return text + "; it does not fit: kaisen plan says what would"
		}
	}
	for _, a := range p.Accounts {
		if len(a.Advice) > 0 {
			return text + "; it is tight: kaisen plan says why"
		}
	}
	return text + "; it fits"
}

// expected is the requests an hour on average, the urgent ones included.
func (a *Account) expected() float64 {
	if a.Urgent == nil {
		return a.Requests
	}
	return a.Requests + a.Urgent.Mean
}

// seen is the delay of the job of an account that shows crossings latest; nil: none shows any.
func (a *Account) seen() (latest *Delay) {
	for _, job := range a.Jobs {
		if job.Delay != nil && (latest == nil || job.Delay.P95 > latest.P95) {
			latest = job.Delay
		}
	}
	return latest
}

func (d *Delay) text() string {
	return fmt.Sprintf("after %s, 95 in 100 times within %s", Span(d.Mean), Span(d.P95))
}

// Span writes seconds for people: 40s, 7m30s, 2h, 3.5 days. Beyond ten years none is worth a figure.
func Span(seconds float64) string {
	const decade = 10 * 365 * 24 * 3600
	if seconds > decade {
		return "more than 10 years"
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d >= 48*time.Hour:
		return trim(math.Round(d.Hours()/2.4)/10) + " days"
	case d >= 10*time.Minute:
		d = d.Round(time.Minute)
	case d >= time.Second:
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// percent writes a share with two digits that count.
func percent(share float64) string {
	if share < 0.1 {
		return strconv.FormatFloat(100*share, 'f', 1, 64)
	}
	return number(100 * share)
}

// trim writes a number without needless zeros.
func trim(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// rate writes requests an hour, few of them with a decimal, or as many as show a digit.
func rate(n float64) string {
	if n > 0 && n < 10 && n != math.Round(n) {
		return strconv.FormatFloat(n, 'f', max(1, -int(math.Floor(math.Log10(n)))), 64)
	}
	return number(n)
}

// number writes 8062.4 as 8,062.
func number(n float64) string {
	text := strconv.FormatFloat(math.Round(n), 'f', 0, 64)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
