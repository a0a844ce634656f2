package dashboards

// roaming is about lines abroad, where a byte may cost a thousand times what it does at home.
func roaming() dashboard {
	return dashboard{
		uid: uidRoaming, title: "roaming", store: clickhouse(), from: "now-7d", choices: fleetChoices(clickhouse()),
		about: "Lines abroad: who is there now, for how long, and what was used meanwhile.",
		rows: []row{
			{"Now", []panel{roamingNow(), roamingLines(), roamingRefused(), roamingTable()}},
			{"In the chosen time", []panel{roamingOverTime(), roamingAuthentications(), roamingBytes(), roamingSessions()}},
		},
	}
}

func roamingNow() panel {
	return panel{
		kind: stat, title: "Roaming now", unit: count, width: 4, height: 8, steps: unwanted("blue"), empty: "No line of these contracts is in the inventory.",
		about: "Lines with a session abroad when last asked: view line_status.",
		asks: one(`SELECT countIf(connected AND session_type = 'roaming') AS lines FROM line_status
WHERE ` + chosenContracts + ` AND state = 'active'`),
	}
}

func roamingLines() panel {
	return panel{
		kind: stat, title: "Lines that roamed", unit: count, width: 4, height: 8, steps: unwanted("blue"), empty: "The session log is empty.",
		about: "Lines with a row in the session log from abroad, in the chosen time.",
		asks: one(`SELECT uniqExact(source, contract_id, line_no) AS lines FROM session_events
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time) AND session_type = 'roaming'`),
	}
}

func roamingRefused() panel {
	return panel{
		kind: stat, title: "Refused abroad", unit: ratio, width: 4, height: 8, steps: high(0.05, 0.2), empty: "No line authenticated from abroad in this time.",
		about: "Part of the authentications from abroad that were refused, in the chosen time.",
		asks: one(`SELECT countIf(result = 'ng') / nullIf(count(), 0) AS refused FROM authentications FINAL
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time) AND session_type = 'roaming'`),
	}
}

func roamingTable() panel {
	return panel{
		kind: table, title: "Who roams now", unit: word, width: 12, height: 8,
		empty: "No line has a session abroad now.",
		about: "Lines with a session abroad when last asked, who has used most today first. Click a line for all that is known of it.",
		asks: one(`SELECT line_no, name, contract_id, today_bytes, month_bytes, remaining_bytes, session_observed_at, source FROM line_status
WHERE ` + chosenContracts + ` AND connected AND session_type = 'roaming'
ORDER BY today_bytes DESC
LIMIT 200`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidRoaming),
			{name: "today_bytes", title: "Today", unit: volume},
			{name: "month_bytes", title: "This month", unit: volume},
			{name: "remaining_bytes", title: "Left", unit: volume},
			{name: "session_observed_at", title: "As of", unit: moments},
			sourceColumn(),
		},
	}
}

func roamingOverTime() panel {
	return panel{
		kind: graph, title: "Lines abroad", unit: count, width: 12, every: "15m",
		empty: "No line was seen with a session abroad in this time.",
		about: "Lines with a session abroad in each step of time, by contract: tables session_samples and session_events.",
		asks: one(`SELECT $__timeInterval(quarter) AS time, contract_id, uniqExact(source, line_no) AS lines
FROM ` + connectedQuarters + `
WHERE session_type = 'roaming'
GROUP BY time, contract_id ORDER BY time`),
		series: "${__field.labels.contract_id}",
	}
}

func roamingAuthentications() panel {
	return panel{
		kind: graph, title: "Authentications from abroad", unit: count, width: 12, how: columnsOverTime, every: "1h",
		empty: "No line authenticated from abroad in this time.",
		about: "Authentications from abroad by their result; ng was refused. Table authentications.",
		asks: one(`SELECT $__timeInterval(event_time) AS time, toString(result) AS result, count() AS rows
FROM authentications FINAL
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time) AND session_type = 'roaming'
GROUP BY time, result ORDER BY time`),
		series: "${__field.labels.result}",
	}
}

// abroad are the lines that the session log has abroad in the chosen time; few, so that what follows reads little.
const abroad = `(source, contract_id, line_no) GLOBAL IN (SELECT source, contract_id, line_no FROM session_events
    WHERE ` + chosenContracts + ` AND $__timeFilter(event_time) AND session_type = 'roaming')`

func roamingBytes() panel {
	return panel{
		kind: table, title: "Used while abroad", unit: word, width: 12, height: 10,
		empty: "No line used anything in an hour in which it roamed.",
		about: "What each line used in those hours of the chosen time in which it had a session abroad; the carrier does not tell roaming bytes apart.",
		asks: one(`SELECT line_no, name, contract_id, hours, used, source
FROM (SELECT h.source AS source, h.contract_id AS contract_id, h.line_no AS line_no, count() AS hours, sum(h.bytes) AS used
FROM (SELECT * FROM traffic_hourly WHERE ` + chosenContracts + ` AND scope = 'line' AND ` + chosenMonths + ` AND ` + abroad + `) AS h
INNER JOIN
(
    SELECT DISTINCT source, contract_id, line_no,
        arrayJoin(timeSlots(toDateTime(started_at), toUInt32(greatest(least(duration_seconds, 31 * 86400), 1) - 1), 3600)) AS hour
    FROM session_durations
    WHERE ` + chosenContracts + ` AND session_type = 'roaming' AND duration_seconds IS NOT NULL
        AND started_at >= $__fromTime - INTERVAL 31 DAY AND started_at < $__toTime + INTERVAL 1 HOUR AND ` + abroad + `
) AS r ON h.source = r.source AND h.contract_id = r.contract_id AND h.line_no = r.line_no AND h.hour = r.hour
GROUP BY source, contract_id, line_no
ORDER BY used DESC
LIMIT 100) AS u
` + joinNames + `
ORDER BY used DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidRoaming),
			{name: "hours", title: "Hours", unit: count},
			{name: "used", title: "Used", unit: volume},
			sourceColumn(),
		},
	}
}

func roamingSessions() panel {
	return panel{
		kind: table, title: "Sessions abroad", unit: word, width: 12, height: 10,
		empty: "No session abroad began in this time.",
		about: "Sessions abroad that began in the chosen time, the newest first. Open: the log has no end yet. View session_durations.",
		asks: one(`SELECT line_no, name, contract_id, started_at, duration_seconds, toString(outcome) AS outcome, source
FROM (SELECT * FROM session_durations
    WHERE ` + chosenContracts + ` AND session_type = 'roaming' AND $__timeFilter(started_at)
    ORDER BY started_at DESC
    LIMIT 200) AS s
` + joinNames + `
ORDER BY started_at DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidRoaming),
			{name: "started_at", title: "Since", unit: moment, width: 160},
			{name: "duration_seconds", title: "For", unit: seconds},
			{name: "outcome", title: "Log", unit: word},
			sourceColumn(),
		},
	}
}
