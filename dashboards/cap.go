package dashboards

// nearCap is who has little volume left, and who will have none before the month ends.
func nearCap() dashboard {
	return dashboard{
		uid: uidCap, title: "near cap and forecast", store: clickhouse(), from: "now-30d", choices: fleetChoices(clickhouse()),
		about: "Lines with little of their volume left, lines that are restricted, and lines that are expected to run out before the month ends.",
		rows: []row{
			{"Now", capNow()},
			{"Who", []panel{capNearest(), capForecast()}},
			{"How it comes", []panel{capDays(), capRestricted(), capPlans()}},
			{"How good the forecasts were", forecastsThen()},
		},
	}
}

func capNow() []panel {
	const none = "No line of these contracts is in the inventory."
	return []panel{
		{
			kind: stat, title: "Near their cap", unit: count, width: 6, steps: unwanted("orange"), empty: none,
			about: "Lines with less than a fifth of the month's volume left, or than their own threshold, that are not restricted yet. Members of a share group are judged by what their group has left.",
			asks:  one(`SELECT count() AS lines FROM line_status WHERE ` + chosenContracts + ` AND near_cap`),
		},
		{
			kind: stat, title: "Restricted", unit: count, width: 6, steps: unwanted("red"), empty: none,
			about: "Lines that the carrier throttles now, for the month's volume, for the last days, or for both. Members of a share group are throttled with it.",
			asks:  one(`SELECT count() AS lines FROM line_status WHERE ` + chosenContracts + ` AND restricted`),
		},
		{
			kind: stat, title: "Will run out this month", unit: count, width: 6, steps: unwanted("orange"), empty: none,
			about: "Lines with volume left, not restricted, that are expected to use it up before the month ends: view run_out_lines.",
			asks:  one(`SELECT count() AS lines FROM run_out_lines WHERE ` + chosenContracts),
		},
		{
			kind: stat, title: "Left in all", unit: volume, width: 6, steps: plain(), empty: "No line here has a volume of its own.",
			about: "What is left of the volumes of all lines on their own. The carrier lends nothing from one line to another.",
			asks: one(`SELECT sum(remaining_bytes) AS left FROM line_status
WHERE ` + chosenContracts + ` AND state = 'active' AND ` + onItsOwn + ` AND remaining_bytes IS NOT NULL`),
		},
	}
}

func capNearest() panel {
	return panel{
		kind: table, title: "Near their cap, or restricted", unit: word, width: 24, height: 10,
		empty: "No line has less than a fifth of its volume left, or than its own threshold, and none is restricted.",
		about: "Lines with less than a fifth of their volume left, or than their own threshold (near_cap_percent of labels_file), and lines that are restricted, nearest first: view near_cap_lines. Click a line for all that is known of it.",
		asks: one(`SELECT line_no, name, contract_id, plan_code, if(cap_scope = 'data_share', 'its group', 'the line') AS whose, used_ratio, cap_remaining_bytes, today_bytes, quota_bytes,
    toString(restriction) AS restriction, exhaustion_at, cap_observed_at, source
FROM near_cap_lines
WHERE ` + chosenContracts + `
ORDER BY used_ratio DESC, cap_remaining_bytes
LIMIT 200`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidCap),
			{name: "plan_code", title: "Plan", unit: word, width: 100},
			{name: "whose", title: "Volume of", unit: word, width: 90},
			{name: "used_ratio", title: "Used", unit: ratio, bar: true, steps: high(0.9, 0.95)},
			{name: "cap_remaining_bytes", title: "Left", unit: volume, width: 100},
			{name: "today_bytes", title: "Today", unit: volume, width: 100},
			{name: "quota_bytes", title: "Volume", unit: volume, width: 100},
			{name: "restriction", title: "Restriction", unit: word, width: 150},
			{name: "exhaustion_at", title: "Runs out", unit: moments, width: 130},
			{name: "cap_observed_at", title: "As of", unit: moments, width: 130},
			sourceColumn(),
		},
	}
}

func capForecast() panel {
	return panel{
		kind: table, title: "Will run out before the month ends", unit: word, width: 24, height: 10,
		empty: "No line is expected to use up its volume before the month ends.",
		about: "Lines with volume left that are expected to use it up before the month ends, the first first. Early and late are the ends of an 80 % band; late is empty where the line may last. Who is restricted already is not here. View run_out_lines.",
		asks: one(`SELECT line_no, name, contract_id, exhaustion_at, exhaustion_at_early, exhaustion_at_late, remaining_bytes, quota_bytes, month_end_bytes,
    month_end_bytes_high, days_of_history, source
FROM run_out_lines
WHERE ` + chosenContracts + `
ORDER BY exhaustion_at
LIMIT 200`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidCap),
			{name: "exhaustion_at", title: "Runs out", unit: moment, width: 160},
			{name: "exhaustion_at_early", title: "Early", unit: moment, width: 160},
			{name: "exhaustion_at_late", title: "Late", unit: moment, width: 160},
			{name: "remaining_bytes", title: "Left", unit: volume, width: 100},
			{name: "quota_bytes", title: "Volume", unit: volume, width: 100},
			{name: "month_end_bytes", title: "Month's end", unit: volume, width: 110},
			{name: "month_end_bytes_high", title: "At most", unit: volume, width: 110},
			{name: "days_of_history", title: "Days known", unit: count, width: 100},
			sourceColumn(),
		},
	}
}

func capDays() panel {
	return panel{
		kind: chart, title: "When lines run out", unit: count, width: 8, steps: plain(),
		empty: "No line is expected to use up its volume before the month ends.",
		about: "Lines by the day on which they are expected to have used up their volume, or did: view line_forecast.",
		asks: one(`SELECT toString(toDate(exhaustion_at)) AS day, count() AS lines FROM line_forecast
WHERE ` + chosenContracts + ` AND exhaustion_at IS NOT NULL
GROUP BY day ORDER BY day`),
	}
}

func capRestricted() panel {
	return panel{
		kind: graph, title: "Restricted lines", unit: count, width: 8, how: columnsOverTime, every: "1h",
		empty: "No line was restricted in this time.",
		about: "Lines that were told of as restricted in each step of time, and for what: table traffic_samples, of those that draw on a share group what was told of the group.",
		// What a sample that is stored twice says is the same, so that FINAL, which the accounts for readers have, would be ten times the work for nothing.
		asks: one(`SELECT time, toString(restriction) AS restriction, count() AS lines
FROM (SELECT s.restriction AS restriction, toDateTime(arrayJoin(s.times), 'Asia/Tokyo') AS time
    FROM (SELECT source, contract_id, line_no, scope, restriction, groupUniqArray($__timeInterval(observed_at)) AS times FROM traffic_samples
        WHERE ` + chosenContracts + ` AND $__timeFilter(observed_at) AND ` + restricted + `
        GROUP BY source, contract_id, line_no, scope, restriction
        SETTINGS final = 0) AS s
    LEFT JOIN (SELECT source, contract_id, line_no, 1 AS draws FROM lines FINAL WHERE data_share IN ('registered', 'removal_reserved')) AS l
        ON l.source = s.source AND l.contract_id = s.contract_id AND l.line_no = s.line_no
    WHERE (s.scope = 'data_share') = (l.draws = 1)) AS lines
GROUP BY time, restriction ORDER BY time`),
		series: "${__field.labels.restriction}",
	}
}

func capPlans() panel {
	return panel{
		kind: table, title: "Plans", unit: word, width: 8,
		empty: "No line of these contracts has told any traffic.",
		about: "How well each plan fits: its lines, how many will run out, and what half of them are expected to use of their volume by the month's end. Far above 100 % the plan is too small, far below too large.",
		asks: one(`SELECT s.plan_code AS plan_code, count() AS lines, countIf(f.exhaustion_at IS NOT NULL AND f.remaining_bytes > 0 AND NOT s.silent AND NOT s.restricted) AS running_out,
    quantileIf(0.5)(f.month_end_bytes / f.quota_bytes, f.quota_bytes > 0) AS median_used
FROM (SELECT source, contract_id, line_no, month_end_bytes, quota_bytes, exhaustion_at, remaining_bytes FROM line_forecast WHERE ` + chosenContracts + `) AS f
INNER JOIN (SELECT source, contract_id, line_no, plan_code, silent, restricted FROM line_status WHERE ` + chosenContracts + ` AND ` + onItsOwn + `) AS s
    ON s.source = f.source AND s.contract_id = f.contract_id AND s.line_no = f.line_no
WHERE f.quota_bytes > 0
GROUP BY plan_code ORDER BY lines DESC
LIMIT 50`),
		columns: []column{
			{name: "plan_code", title: "Plan", unit: word},
			{name: "lines", title: "Lines", unit: count, width: 70},
			{name: "running_out", title: "Run out", unit: count, width: 80, steps: unwanted("orange")},
			{name: "median_used", title: "Median use", unit: ratio, width: 110, steps: high(0.9, 1)},
		},
	}
}
