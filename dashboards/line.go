package dashboards

// line is everything about one line, for who was sent here by an alert or a table: what is left, what happened.
func line() dashboard {
	return dashboard{
		uid: uidLine, title: "one line", store: clickhouse(), from: "now-3d",
		about: "One line: what it used and has left, when it was restricted, its sessions and authentications.",
		choices: []choice{
			{name: "source", label: "Source", one: true, query: `SELECT DISTINCT source FROM lines ORDER BY source`},
			{name: "contract", label: "Contract", one: true, query: `SELECT DISTINCT contract_id FROM lines WHERE source = ${source:singlequote} ORDER BY contract_id`},
			{name: "line", label: "Line", one: true,
				query: `SELECT DISTINCT line_no FROM lines WHERE source = ${source:singlequote} AND contract_id = ${contract:singlequote} ORDER BY line_no`},
		},
		rows: []row{
			{"Now", append(lineNow(), lineFacts())},
			{"Volume", []panel{lineMonth(), lineHours(), lineDays(), lineMonths()}},
			{"What happened", []panel{lineStates(), lineRestrictions(), lineChanges()}},
			{"Sessions and authentications", []panel{lineSessions(), lineAuthentications()}},
		},
	}
}

// unknownLine is what is said where a line has no such figure.
const unknownLine = "The carrier has not told this of the line."

func lineNow() []panel {
	// now is one figure out of what is known of the line.
	now := func(title, about string, u unit, steps []step, from, figure string) panel {
		return panel{
			kind: stat, title: title, about: about, unit: u, width: 4, steps: steps, empty: unknownLine,
			asks: one(`SELECT ` + figure + ` AS value FROM ` + from + ` WHERE ` + chosenLine),
		}
	}
	left := now("Left this month", "What is left of the month's volume, as the carrier told last: of the line's own, or of its share group's.",
		volume, plain(), "line_status", "cap_remaining_bytes")
	restriction := now("Restriction", "Whether the carrier throttles the line, alone or with its share group, and for what: recent for the last days, monthly for the month's volume.",
		count, nil, "line_status", "toInt8(restriction)")
	restriction.words = restrictions()
	runsOut := now("Runs out in", "When the line is expected to have used up its volume, or its share group the group's; views line_forecast and pool_forecast.",
		seconds, low(86400, 3*86400), lineOutlook, "greatest(dateDiff('second', now(), exhaustion_at), 0)")
	runsOut.empty = "Not expected to run out this month."
	connection := now("Connection", "Whether the line has a session, at home or abroad, as the carrier told last.",
		count, nil, "line_status", "if(isNull(connected), NULL, if(connected, if(session_type = 'roaming', 2, 1), 0))")
	connection.words = connections()
	return []panel{
		now("Used today", "Since the carrier's midnight (Tokyo): trafficToday.", volume, plain(), "line_status", "today_bytes"),
		left,
		now("Part left", "What is left of the month's volume, of the whole; of the group's for a line that draws on one.", ratio, low(0.05, 0.1), "line_status", "cap_remaining_ratio"),
		restriction, runsOut, connection,
	}
}

// lineOutlook is when the volume that decides for a line is used up: its own, of which a member of a share group has none, or its
// group's.
const lineOutlook = `(SELECT source, contract_id, line_no, exhaustion_at FROM line_forecast WHERE exhaustion_at IS NOT NULL
    UNION ALL
    SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, p.exhaustion_at AS exhaustion_at
    FROM (SELECT source, contract_id, line_no FROM line_status WHERE cap_scope = 'data_share') AS s
    INNER JOIN (SELECT source, contract_id, exhaustion_at FROM pool_forecast WHERE NOT own_volumes AND exhaustion_at IS NOT NULL) AS p
        ON p.source = s.source AND p.contract_id = s.contract_id)`

func lineFacts() panel {
	return panel{
		kind: table, title: "The line", unit: word, width: 24, height: 3,
		empty: "There is no such line. Choose another above.",
		about: "What the inventory tells of the line, and how long ago its figures were told.",
		asks: one(`SELECT line_no, name, contract_id, toString(state) AS state, plan_code, access, device_name, sim_type, toString(data_share) AS data_share, month_bytes,
    age_seconds, first_seen
FROM line_status WHERE ` + chosenLine),
		columns: []column{
			{name: "line_no", title: "Line", unit: word},
			{name: "name", title: "Name", unit: word},
			{name: "contract_id", title: "Contract", unit: word},
			{name: "state", title: "State", unit: word},
			{name: "plan_code", title: "Plan", unit: word},
			{name: "access", title: "Access", unit: word},
			{name: "device_name", title: "Device", unit: word},
			{name: "sim_type", title: "SIM", unit: word},
			{name: "data_share", title: "Share group", unit: word},
			{name: "month_bytes", title: "This month", unit: volume},
			{name: "age_seconds", title: "Figures are old", unit: seconds, steps: high(3600, 86400)},
			{name: "first_seen", title: "Known since", unit: moment},
		},
	}
}

func lineMonth() panel {
	return panel{
		kind: graph, title: "Month against volume", unit: volume, width: 12, how: stairs, since: "31d", every: "15m",
		empty: "No traffic of this line was told in the last 31 days.",
		about: "What the line had used of the month, and the month's volume (used and left), over the last 31 days. Where the two meet, the carrier throttles.",
		asks: one(`SELECT $__timeInterval(observed_at) AS time, argMax(month_bytes, observed_at) AS "Used", argMax(month_bytes + remaining_bytes, observed_at) AS "Volume"
FROM traffic_samples
WHERE ` + chosenLine + ` AND scope = 'line' AND $__timeFilter(observed_at)
GROUP BY time ORDER BY time`),
	}
}

func lineHours() panel {
	return panel{
		kind: graph, title: "Hour by hour", unit: volume, width: 12, how: columnsOverTime, every: "1h",
		empty: "No traffic of this line was told in this time.",
		about: "What the line used in each hour, from the growth of the month's figure: view traffic_hourly.",
		asks: one(`SELECT hour AS time, bytes AS "Used" FROM traffic_hourly
WHERE ` + chosenLine + ` AND scope = 'line' AND ` + chosenMonths + `
ORDER BY time`),
	}
}

func lineDays() panel {
	return panel{
		kind: graph, title: "30 days", unit: volume, width: 12, how: columnsOverTime, since: "30d", every: "1d",
		empty: "The carrier has told of no day of this line.",
		about: "What the line used on each of the last 30 days, as the carrier counts them: table traffic_daily.",
		asks: one(`SELECT toDateTime(day, 'Asia/Tokyo') AS time, bytes AS "Used" FROM traffic_daily FINAL
WHERE ` + chosenLine + ` AND scope = 'line' AND ` + chosenDays + `
ORDER BY time`),
	}
}

func lineMonths() panel {
	return panel{
		kind: chart, title: "Months", unit: volume, width: 12, steps: plain(),
		empty: "The carrier has told of no month of this line.",
		about: "What the line used in each of the last twelve months that kaisen knows: table traffic_monthly.",
		asks: one(`SELECT toString(month) AS month, bytes AS "Used" FROM
    (SELECT * FROM traffic_monthly FINAL WHERE ` + chosenLine + ` AND scope = 'line' ORDER BY traffic_monthly.month DESC LIMIT 12)
ORDER BY month`),
	}
}

func lineStates() panel {
	return panel{
		kind: states, title: "Restriction over time", unit: count, width: 24, height: 4, words: restrictions(), every: "15m",
		empty: "No traffic of this line was told in this time.",
		about: "Whether the carrier throttled the line, as it told at each poll: table traffic_samples.",
		asks: one(`SELECT $__timeInterval(observed_at) AS time, toInt8(argMax(restriction, observed_at)) AS "Restriction"
FROM traffic_samples
WHERE ` + chosenLine + ` AND ` + decides + ` AND $__timeFilter(observed_at)
GROUP BY time ORDER BY time`),
	}
}

func lineRestrictions() panel {
	return panel{
		kind: table, title: "Restrictions", unit: word, width: 12,
		empty: "The line was never restricted, as far as kaisen has watched it.",
		about: "Each time in which the carrier throttled the line, the newest first, whatever time is chosen: view restriction_episodes.",
		asks: one(`SELECT toString(restriction) AS restriction, started_at, ended_at, duration_seconds, month_bytes_at_start
FROM restriction_episodes
WHERE ` + chosenLine + ` AND decides
ORDER BY started_at DESC
LIMIT 100`),
		columns: []column{
			{name: "restriction", title: "Restriction", unit: word},
			{name: "started_at", title: "Since", unit: moment, width: 160},
			{name: "ended_at", title: "Until", unit: moment, width: 160},
			{name: "duration_seconds", title: "For", unit: seconds, width: 100},
			{name: "month_bytes_at_start", title: "Month's use then", unit: volume, width: 140},
		},
	}
}

func lineChanges() panel {
	return panel{
		kind: table, title: "Changes", unit: word, width: 12,
		empty: "Nothing about the line has changed since kaisen knows it.",
		about: "What changed about the line: SIM, device, plan, options, place in the share group; the newest first, whatever time is chosen: table line_changes.",
		asks: one(`SELECT observed_at, field, old_shown AS old, new_shown AS new FROM line_changes FINAL
WHERE ` + chosenLine + `
ORDER BY observed_at DESC
LIMIT 100`),
		columns: []column{
			{name: "observed_at", title: "Seen", unit: moment, width: 160},
			{name: "field", title: "What", unit: word, width: 140},
			{name: "old", title: "Before", unit: word},
			{name: "new", title: "Now", unit: word},
		},
	}
}

func lineSessions() panel {
	return panel{
		kind: table, title: "Sessions", unit: word, width: 12,
		empty: "The session log has no session of this line in this time.",
		about: "The line's sessions, the newest first. Open: the log has no end yet. Lost stop or start: the log has only the other. View session_durations.",
		asks: one(`SELECT started_at, stopped_at, duration_seconds, toString(session_type) AS session_type, toString(outcome) AS outcome
FROM session_durations
WHERE ` + chosenLine + ` AND $__timeFilter(ifNull(started_at, stopped_at))
ORDER BY ifNull(started_at, stopped_at) DESC
LIMIT 500`),
		columns: []column{
			{name: "started_at", title: "Since", unit: moment, width: 160},
			{name: "stopped_at", title: "Until", unit: moment, width: 160},
			{name: "duration_seconds", title: "For", unit: seconds, width: 100},
			{name: "session_type", title: "Where", unit: word, width: 100},
			{name: "outcome", title: "Log", unit: word, width: 100},
		},
	}
}

func lineAuthentications() panel {
	return panel{
		kind: table, title: "Authentications", unit: word, width: 12,
		empty: "The authentication log has no row of this line in this time.",
		about: "The line's rows in the RADIUS authentication log, the newest first; ng was refused. Table authentications.",
		asks: one(`SELECT event_time, toString(result) AS result, toString(session_type) AS session_type FROM authentications FINAL
WHERE ` + chosenLine + ` AND $__timeFilter(event_time)
ORDER BY event_time DESC
LIMIT 500`),
		columns: []column{
			{name: "event_time", title: "At", unit: moment, width: 160},
			{name: "result", title: "Result", unit: word},
			{name: "session_type", title: "Where", unit: word},
		},
	}
}
