package dashboards

// healthSchedule is how the budget of requests is spent where schedule is adaptive.
func healthSchedule() []panel {
	const fixed = "No account has schedule: adaptive, or its lines are not known yet."
	return []panel{
		{
			kind: graph, title: "Why lines are asked when they are", unit: count, width: 8, how: stacked, empty: fixed,
			about: "Lines and share groups by what decides how often they are asked: urgent ones are expected to cross a threshold within the hour, watched ones before their turn, " +
				"waiting ones not before tomorrow: kaisen_schedule_targets.",
			asks: []ask{{`sum by (class) (kaisen_schedule_targets{` + chosenSource + `})`, "{{class}}"}},
		},
		{
			kind: graph, title: "Worst age, and its bound", unit: seconds, width: 8, empty: fixed,
			about: "The age of the oldest answer of those that are answered, and the age at which anybody is asked again, whatever is urgent. The bound is max_age, " +
				"or more while the budget is too short for that.",
			asks: []ask{
				{`max by (source, job) (kaisen_schedule_oldest_seconds{` + chosenSource + `})`, "{{source}} {{job}}: worst age"},
				{`max by (source, job) (kaisen_schedule_bound_seconds{` + chosenSource + `})`, "{{source}} {{job}}: bound"},
			},
		},
		{
			kind: graph, title: "How late a crossing is seen", unit: seconds, width: 8,
			empty: "Nobody came to a threshold within an hour.",
			about: "From when a line or share group came to a threshold (near its cap, critical, used up, restriction ended), as its use between two answers says, " +
				"to the answer that showed it: the median of the last hour, and what one in twenty exceeds.",
			asks: []ask{
				{`histogram_quantile(0.5, sum by (le) (increase(kaisen_schedule_crossing_delay_seconds_bucket{` + chosenSource + `}[1h])))`, "median"},
				{`histogram_quantile(0.95, sum by (le) (increase(kaisen_schedule_crossing_delay_seconds_bucket{` + chosenSource + `}[1h])))`, "1 in 20 is later"},
			},
		},
		{
			kind: graph, title: "Part of the rate that is used", unit: ratio, width: 8, empty: "kaisen asked the carrier for nothing in this time.",
			about: "Requests a second of all jobs, as a part of the rate in force. An adaptive schedule uses what there is; near 1 for long, with a worst age at its bound, " +
				"the rate is too low for the lines: kaisen plan says which would do.",
			asks: []ask{{`sum by (source) (rate(kaisen_api_requests_total{` + chosenSource + `}[$__rate_interval])) / sum by (source) (kaisen_rate_limit_requests_per_second{` +
				chosenSource + `})`, "{{source}}"}},
		},
		{
			kind: graph, title: "Requests of the day that are used", unit: ratio, width: 8, empty: "No account has rate_limit.daily_requests.", max: 1,
			about: "Requests sent since midnight in Japan, as a part of rate_limit.daily_requests; nothing is sent any more at 1.",
			asks: []ask{{`1 - sum by (source) (kaisen_rate_limit_daily_remaining{` + chosenSource + `}) / sum by (source) (kaisen_rate_limit_daily_requests{` +
				chosenSource + `})`, "{{source}}"}},
		},
		{
			kind: graph, title: "Share of the rate by job", unit: ratio, width: 8, how: stairs, empty: fixed,
			about: "The requests a second that each job with a plan counts on, as a part of the rate in force: what the other jobs leave to it, so that together they " +
				"may be more than 1. Nothing where there is no rate.",
			asks: []ask{{`sum by (source, job) (kaisen_schedule_requests_per_second{` + chosenSource +
				`}) / on (source) group_left () sum by (source) (kaisen_rate_limit_requests_per_second{` + chosenSource + `})`, "{{source}} {{job}}"}},
		},
	}
}
