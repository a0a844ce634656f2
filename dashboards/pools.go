package dashboards

// pools is about share groups: how much each has left, and who draws it.
func pools() dashboard {
	return dashboard{
		uid: uidPools, title: "share pools", store: clickhouse(), from: "now-30d", choices: fleetChoices(clickhouse()),
		about: "Share groups: what each has left for all of its lines, how fast it goes, and who draws most.",
		rows: []row{
			{"Now", []panel{poolLeft(), poolTable()}},
			{"Who draws", []panel{poolMembers()}},
			{"Over time", []panel{poolOverTime(), poolDays(), poolStates()}},
		},
	}
}

const noPool = "No contract here has a share group."

func poolLeft() panel {
	return panel{
		kind: bars, title: "Part left", unit: ratio, width: 8, steps: low(0.1, 0.2), max: 1, empty: noPool,
		about: "What is left of each group's volume of the month, of the whole: view data_share_pools.",
		asks: one(`SELECT contract_id, remaining_ratio FROM data_share_pools
WHERE ` + chosenContracts + ` AND remaining_ratio IS NOT NULL
ORDER BY remaining_ratio LIMIT 30`),
	}
}

func poolTable() panel {
	return panel{
		kind: table, title: "Pools", unit: word, width: 16, empty: noPool,
		about: "Each group by its contract, and when its volume is expected to be used up: view pool_forecast. Differing members were told figures that time does not explain; the newest answer is shown. View data_share_pools.",
		asks: one(`SELECT contract_id, members, today_bytes, month_bytes, remaining_bytes, quota_bytes, toString(restriction) AS restriction,
    multiIf(remaining_bytes = 0, 'used up', isNotNull(exhaustion_at), formatDateTime(assumeNotNull(exhaustion_at), '%d %M %H:%i', 'Asia/Tokyo'),
        isNotNull(month_end_bytes) AND isNotNull(remaining_bytes), 'lasts the month', 'not known yet') AS empty,
    month_end_bytes, disagreeing_members, observed_at, source
FROM (SELECT * FROM data_share_pools WHERE ` + chosenContracts + `) AS p
LEFT JOIN (SELECT source, contract_id, month_end_bytes, exhaustion_at FROM pool_forecast WHERE ` + chosenContracts + `) AS f USING (source, contract_id)
ORDER BY remaining_ratio
SETTINGS join_use_nulls = 1`),
		columns: []column{
			contractColumn(uidPools),
			{name: "members", title: "Lines", unit: count, width: 70},
			{name: "today_bytes", title: "Today", unit: volume},
			{name: "month_bytes", title: "This month", unit: volume},
			{name: "remaining_bytes", title: "Left", unit: volume},
			{name: "quota_bytes", title: "Volume", unit: volume},
			{name: "restriction", title: "Restriction", unit: word},
			{name: "empty", title: "Empty", unit: word, width: 160},
			{name: "month_end_bytes", title: "Month's end", unit: volume},
			{name: "disagreeing_members", title: "Differing", unit: count, width: 90, steps: unwanted("orange")},
			{name: "observed_at", title: "As of", unit: moments, width: 120},
			sourceColumn(),
		},
	}
}

func poolMembers() panel {
	return panel{
		kind: table, title: "Members", unit: word, width: 24, height: 10, empty: noPool,
		about: "The lines of each group, who draws most first: what they used themselves, and how much of the group's whole volume that is. Reserved lines do not draw yet.",
		asks: one(`SELECT m.line_no AS line_no, n.name AS name, m.contract_id AS contract_id, toString(m.status) AS status, t.month_bytes AS month_bytes,
    t.month_bytes / nullIf(p.quota_bytes, 0) AS part, t.today_bytes AS today_bytes, t.observed_at AS observed_at, m.source AS source
FROM (SELECT * FROM data_share_members FINAL WHERE ` + chosenContracts + ` AND member) AS m
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE ` + chosenContracts + ` AND scope = 'line') AS t
    ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
LEFT JOIN (SELECT * FROM data_share_pools WHERE ` + chosenContracts + `) AS p ON p.source = m.source AND p.contract_id = m.contract_id
LEFT JOIN (SELECT source, contract_id, line_no, name FROM line_names FINAL WHERE present) AS n
    ON n.source = m.source AND n.contract_id = m.contract_id AND n.line_no = m.line_no
ORDER BY part DESC
LIMIT 200
SETTINGS join_use_nulls = 1`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidPools),
			{name: "status", title: "Membership", unit: word, width: 140},
			{name: "month_bytes", title: "This month", unit: volume, width: 120},
			{name: "part", title: "Of the pool's volume", unit: ratio, bar: true, steps: high(0.2, 0.3)},
			{name: "today_bytes", title: "Today", unit: volume, width: 120},
			{name: "observed_at", title: "As of", unit: moments, width: 130},
			sourceColumn(),
		},
	}
}

func poolOverTime() panel {
	return panel{
		kind: graph, title: "Left over time", unit: volume, width: 12, every: "15m",
		empty: "No share group was told of in this time.",
		about: "What was left in each group: the least that any member was told in each step of time. Table traffic_samples, scope data_share.",
		asks: one(`SELECT $__timeInterval(observed_at) AS time, contract_id, min(remaining_bytes) AS left
FROM traffic_samples
WHERE ` + chosenContracts + ` AND $__timeFilter(observed_at) AND scope = 'data_share' AND ` + toldOfGroups + `
GROUP BY time, contract_id ORDER BY time`),
		series: "${__field.labels.contract_id}",
	}
}

func poolDays() panel {
	return panel{
		kind: graph, title: "Used each day", unit: volume, width: 12, how: columnsOverTime, every: "1d",
		empty: "No share group was told of in these days.",
		about: "What each group used on each day, as the carrier told it last, or told its members of their own use. Table traffic_daily, scope data_share.",
		asks: one(`SELECT toDateTime(day, 'Asia/Tokyo') AS time, contract_id,
    if((source, contract_id) GLOBAL IN (SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'share_figures' AND value = 'line'), sum(bytes), argMax(bytes, observed_at)) AS used
FROM traffic_daily FINAL
WHERE ` + chosenContracts + ` AND scope = 'data_share' AND ` + chosenDays + `
GROUP BY day, source, contract_id ORDER BY time`),
		series: "${__field.labels.contract_id}",
	}
}

func poolStates() panel {
	return panel{
		kind: states, title: "Restriction over time", unit: count, width: 24, height: 6, words: restrictions(), every: "15m",
		empty: "No share group was told of in this time.",
		about: "Whether the carrier throttled all lines of a group, as it told at each poll. Table traffic_samples, scope data_share.",
		asks: one(`SELECT $__timeInterval(observed_at) AS time, contract_id, toInt8(argMax(restriction, observed_at)) AS state
FROM traffic_samples
WHERE ` + chosenContracts + ` AND $__timeFilter(observed_at) AND scope = 'data_share' AND ` + toldOfGroups + `
GROUP BY time, contract_id ORDER BY time`),
		series: "${__field.labels.contract_id}",
	}
}

// toldOfGroups are the lines that have ever been told of their group, by which the samples of others are passed over.
const toldOfGroups = `(source, contract_id, line_no) GLOBAL IN (SELECT source, contract_id, line_no FROM traffic_latest WHERE scope = 'data_share')`
