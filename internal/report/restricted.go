package report

import (
	"context"
	"fmt"
)

// untold is a time of the month in which a line or its group was restricted before a sample showed it: from when the carrier told that
// the restriction began to the first sample of it. line_months and pool_months count from that sample on.
type untold struct {
	key
	Scope string `json:"scope"` // line or data_share
	Since uint64 `json:"since"` // seconds since 1970, in the month
	Until uint64 `json:"until"` // the same
	First bool   `json:"first"` // it was restricted when the month began
}

// untoldSQL takes of restriction_episodes those that begin with no other, whose time is counted, and the first sample of each: of closed
// months restriction_turns has it. The carrier is believed for 31 days back, so that it lies in the month, or as far from it.
const untoldSQL = `WITH toDateTime64(toDate('%[1]s'), 3, 'Asia/Tokyo') AS month_from, toDateTime64(addMonths(toDate('%[1]s'), 1), 3, 'Asia/Tokyo') AS month_to
SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, toString(e.scope) AS scope,
    toUnixTimestamp(greatest(e.started_at, month_from)) AS since, toUnixTimestamp(least(s.observed_at, month_to)) AS until, CAST(e.started_at <= month_from AS Bool) AS first
FROM
(
    SELECT source, contract_id, line_no, scope, restriction, started_at,
        lagInFrame(ended_at) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY started_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM restriction_episodes
) AS e
ASOF INNER JOIN
(
    SELECT source, contract_id, line_no, scope, restriction, observed_at
    FROM traffic_samples
    WHERE restriction NOT IN ('unknown', 'none') AND observed_at BETWEEN month_from - INTERVAL 31 DAY AND month_to + INTERVAL 31 DAY
        AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
    UNION ALL
    SELECT source, contract_id, line_no, scope, restriction, observed_at
    FROM restriction_turns
    WHERE restriction NOT IN ('unknown', 'none') AND observed_at BETWEEN month_from - INTERVAL 31 DAY AND month_to + INTERVAL 31 DAY
) AS s
    ON s.source = e.source AND s.contract_id = e.contract_id AND s.line_no = e.line_no AND s.scope = e.scope AND s.restriction = e.restriction
        AND s.observed_at >= e.started_at
WHERE e.started_at >= month_from - INTERVAL 31 DAY AND e.started_at < month_to AND s.observed_at > month_from AND ifNull(e.before < e.started_at, true) AND until > since
ORDER BY source, contract_id, line_no, scope, since`

// addUntold adds to the restricted time of lines and share groups what the carrier told of it before there was a sample.
func (r *Report) addUntold(ctx context.Context, store Store) error {
	times, err := rows[untold](ctx, store, fmt.Sprintf(untoldSQL, day(r.Month)))
	if err != nil {
		return fmt.Errorf("restrictions before the first sample: %w", err)
	}
	of := make(map[key][]untold)
	for _, u := range times {
		of[u.key] = append(of[u.key], u)
	}
	for _, l := range r.Lines {
		if l.There {
			l.addUntold(of[l.key])
		}
	}
	for i := range r.Pools {
		r.Pools[i].addUntold(times)
	}
	return nil
}

// addUntold adds the times of the scope that restricts the line. One that was restricted from the month's beginning to its first sample
// is known from the beginning, and one without a sample is known for as long as that.
func (m *monthOfLine) addUntold(times []untold) {
	scope := "line"
	if m.Pooled {
		scope = "data_share"
	}
	for _, u := range times {
		if u.Scope != scope {
			continue
		}
		if u.First {
			m.RestrictedAtLeast = false
		} else if !m.RestrictedSeconds.Known {
			m.RestrictedAtLeast = true
		}
		m.RestrictedSeconds = Maybe{Known: true, N: m.RestrictedSeconds.N + u.Until - u.Since, AtLeast: m.RestrictedAtLeast}
	}
}

// addUntold adds the times of the group once: a restriction that its members were told of lasts to the first sample of any of them.
func (p *Pool) addUntold(times []untold) {
	until := make(map[uint64]uint64)
	for _, u := range times {
		if u.Scope != "data_share" || u.Source != p.Source || u.ContractID != p.ContractID {
			continue
		}
		if other, has := until[u.Since]; !has || u.Until < other {
			until[u.Since] = u.Until
		}
	}
	for from, to := range until {
		p.RestrictedSeconds.Known = true
		p.RestrictedSeconds.N += to - from
	}
}
