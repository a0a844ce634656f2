package app

import (
	"fmt"
	"time"

	"kaisen/internal/simulator"
)

// An episode that is open has no length to compare: it grows.
const selectEpisodes = `SELECT contract_id, line_no, scope, restriction, toUnixTimestamp(started_at), toUnixTimestamp(ended_at),
	if(open, 0, duration_seconds), month_bytes_at_start, remaining_bytes_at_start FROM restriction_episodes`

// episode is neighbouring answers with the same restriction.
type episode struct {
	first simulator.ServedTraffic
	began time.Time
}

// holdsEpisodes compares restriction_episodes with the answers. The lines are some that must have had one.
func (r *fixture) holdsEpisodes(restricted ...simulator.LineTruth) {
	r.t.Helper()
	had := map[string]bool{}
	told := 0
	var want []string
	for key, answers := range r.servedSeries() {
		runs := answers.episodes()
		for i, one := range runs {
			if one.first.Restriction == "none" {
				continue
			}
			ended, length := `\N`, int64(0)
			if i+1 < len(runs) {
				end := runs[i+1].began
				ended, length = fmt.Sprint(end.Unix()), end.Unix()-one.began.Unix()
				had[one.first.LineNo] = true
			}
			if one.began != one.first.At {
				told++
			}
			want = append(want, fmt.Sprintf("%s\t%s\t%d\t%s\t%d\t%s\t%s", key, one.first.Restriction, one.began.Unix(), ended, length,
				null(one.first.MonthBytes), null(one.first.RemainingBytes)))
		}
	}
	for _, l := range restricted {
		if !had[l.LineNo] {
			r.t.Errorf("line %s had no restriction that came and went: the test proves less than it should", l.LineNo)
		}
	}
	if told == 0 {
		r.t.Error("the carrier never told when a restriction began: the test proves less than it should")
	}
	r.same("restriction_episodes", selectEpisodes, want)
}

func (s series) episodes() []episode {
	var runs []episode
	for _, answer := range s {
		last := len(runs) - 1
		if last >= 0 && runs[last].first.Restriction == answer.Restriction {
			continue
		}
		next := episode{answer, answer.At}
		if began := sinceWhen(answer); began != nil && !began.After(answer.At) && !began.Before(answer.At.AddDate(0, 0, -31)) &&
			(last < 0 || began.After(runs[last].first.At)) {
			next.began = *began
		}
		runs = append(runs, next)
	}
	return runs
}

// sinceWhen is what an answer says of the beginning of its restriction.
func sinceWhen(s simulator.ServedTraffic) *time.Time {
	month, days := s.MonthlyLimitStart, s.DailyLimitStart
	switch {
	case s.Restriction == "monthly":
		return month
	case s.Restriction == "recent":
		return days
	case s.Restriction == "none" || month == nil || days == nil:
		return nil
	case month.After(*days):
		return month
	default:
		return days
	}
}
