package dashboards

// sessions is about who may connect, who does, and who does so all the time.
func sessions() dashboard {
	return dashboard{
		uid: uidSessions, title: "authentications and sessions", store: clickhouse(), from: "now-24h", choices: fleetChoices(clickhouse()),
		about: "Who is refused, who is connected, who reconnects all the time, and how far the carrier's logs are complete.",
		rows: []row{
			{"In the chosen time", sessionsNow()},
			{"Authentications", []panel{authenticationsOverTime(), refusedLines()}},
			{"Sessions", []panel{sessionsOverTime(), connectedLines(), flappingLines(), oddSessions()}},
			{"The logs themselves", []panel{logsComplete()}},
		},
	}
}

func sessionsNow() []panel {
	return []panel{
		{
			kind: stat, title: "Authentications", unit: count, width: 6, steps: plain(), empty: "The authentication log is empty.",
			about: "Rows of the RADIUS authentication log in the chosen time: table authentications.",
			asks:  one(`SELECT count() AS rows FROM authentications FINAL WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)`),
		},
		{
			kind: stat, title: "Refused", unit: ratio, width: 6, steps: high(0.1, 0.5), empty: "No line authenticated in this time.",
			about: "Part of the authentications that were refused. A wrong password or a line that is no more refuses for ever; a burst is a fault.",
			asks: one(`SELECT countIf(result = 'ng') / nullIf(count(), 0) AS refused FROM authentications FINAL
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)`),
		},
		{
			kind: stat, title: "Lines refused", unit: count, width: 6, steps: unwanted("orange"), empty: "The authentication log is empty.",
			about: "Lines that were refused at least once in the chosen time.",
			asks: one(`SELECT uniqExactIf((source, contract_id, line_no), result = 'ng') AS lines FROM authentications
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)`),
		},
		{
			kind: stat, title: "Connected now", unit: count, width: 6, steps: plain(), empty: "No line of these contracts is in the inventory.",
			about: "Lines with a session when last asked: view line_status.",
			asks:  one(`SELECT countIf(connected) AS lines FROM line_status WHERE ` + chosenContracts + ` AND state = 'active'`),
		},
	}
}

func authenticationsOverTime() panel {
	return panel{
		kind: graph, title: "Authentications", unit: count, width: 12, how: columnsOverTime, every: "5m",
		empty: "The authentication log has no row in this time.",
		about: "Authentications by their result; ng was refused. Table authentications.",
		asks: one(`SELECT $__timeInterval(event_time) AS time, toString(result) AS result, count() AS rows
FROM authentications FINAL
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)
GROUP BY time, result ORDER BY time`),
		series: "${__field.labels.result}",
	}
}

func refusedLines() panel {
	return panel{
		kind: table, title: "Refused most often", unit: word, width: 12,
		empty: "No line was refused in this time.",
		about: "Lines by how often they were refused in the chosen time, and how often they got through. Click a line for all that is known of it.",
		asks: one(`SELECT line_no, name, contract_id, refused, accepted, last, source
FROM (SELECT source, contract_id, line_no, countIf(result = 'ng') AS refused, countIf(result = 'ok') AS accepted, maxIf(event_time, result = 'ng') AS last
    FROM authentications FINAL
    WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)
    GROUP BY source, contract_id, line_no
    HAVING refused > 0
    ORDER BY refused DESC
    LIMIT 100) AS a
` + joinNames + `
ORDER BY refused DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidSessions),
			{name: "refused", title: "Refused", unit: count},
			{name: "accepted", title: "Accepted", unit: count},
			{name: "last", title: "Last refused", unit: moments},
			sourceColumn(),
		},
	}
}

func sessionsOverTime() panel {
	return panel{
		kind: graph, title: "Sessions that began and ended", unit: count, width: 12, how: columnsOverTime, every: "5m",
		empty: "The session log has no row in this time.",
		about: "Starts and stops in the session log. Many at once is an outage, or its end. Table session_events.",
		asks: one(`SELECT $__timeInterval(event_time) AS time, toString(event) AS event, count() AS rows
FROM session_events FINAL
WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)
GROUP BY time, event ORDER BY time`),
		series: "${__field.labels.event}",
	}
}

func connectedLines() panel {
	return panel{
		kind: graph, title: "Connected lines", unit: count, width: 12, every: "15m",
		empty: "No line was seen with a session in this time.",
		about: "Lines with a session in each step of time, by contract: tables session_samples and session_events.",
		asks: one(`SELECT $__timeInterval(quarter) AS time, contract_id, uniqExact(source, line_no) AS lines
FROM ` + connectedQuarters + `
GROUP BY time, contract_id ORDER BY time`),
		series: "${__field.labels.contract_id}",
	}
}

// connectedQuarters are the quarters of an hour in which a line of the chosen contracts had a session: from an answer of call 26, or a
// row of the session log, that says so until the next of either. While nothing is heard of the contract, nothing is known.
const connectedQuarters = `(
    SELECT source, contract_id, line_no, session_type,
        arrayJoin(range(toUnixTimestamp(toStartOfInterval(greatest(at, $__fromTime), INTERVAL 15 MINUTE)), toUnixTimestamp(until), 900)) AS second,
        toDateTime(second, 'Asia/Tokyo') AS quarter
    FROM
    (
        SELECT source, contract_id, line_no, session_type, at, on,
            leadInFrame(at, 1, at + INTERVAL 36 HOUR) OVER (PARTITION BY source, contract_id, line_no ORDER BY at, on ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS following,
            least(following, at + INTERVAL 36 HOUR, max(at) OVER (PARTITION BY source, contract_id) + INTERVAL 1 SECOND, $__toTime) AS until
        FROM
        (
            SELECT source, contract_id, line_no, session_type, toDateTime(observed_at) AS at, ifNull(connected, false) AS on
            FROM session_samples
            WHERE ` + chosenContracts + ` AND observed_at >= $__fromTime - INTERVAL 36 HOUR AND observed_at <= $__toTime
            UNION ALL
            SELECT source, contract_id, line_no, session_type, event_time AS at, event = 'start' AS on
            FROM session_events
            WHERE ` + chosenContracts + ` AND event_time >= $__fromTime - INTERVAL 36 HOUR AND event_time <= $__toTime AND event != 'unknown'
        )
    )
    WHERE on AND until > $__fromTime
)`

func flappingLines() panel {
	return panel{
		kind: table, title: "Reconnect all the time", unit: word, width: 12,
		empty: "No session ended in this time.",
		about: "Lines by how many of their sessions in the chosen time were shorter than five minutes: a bad antenna, or a router that reboots. View session_durations.",
		asks: one(`SELECT line_no, name, contract_id, short, all, usual, source
FROM (SELECT source, contract_id, line_no, countIf(duration_seconds < 300) AS short, count() AS all, median(duration_seconds) AS usual
    FROM session_durations
    WHERE ` + chosenContracts + ` AND outcome = 'complete' AND $__timeFilter(started_at)
    GROUP BY source, contract_id, line_no
    ORDER BY short DESC, all DESC
    LIMIT 50) AS s
` + joinNames + `
ORDER BY short DESC, all DESC`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidSessions),
			{name: "short", title: "Short", unit: count, steps: high(3, 20)},
			{name: "all", title: "Sessions", unit: count},
			{name: "usual", title: "Usual length", unit: seconds},
			sourceColumn(),
		},
	}
}

func oddSessions() panel {
	return panel{
		kind: table, title: "Open longest, or without an end", unit: word, width: 12,
		empty: "Every session in the log has an end.",
		about: "Sessions whose end is not in the log, of lines that the log has in the chosen time: open ones, and lost stops, after which the line simply began another. View session_durations.",
		asks: one(`SELECT line_no, name, contract_id, started_at, duration_seconds, toString(session_type) AS session_type, toString(outcome) AS outcome, source
FROM (SELECT d.source AS source, d.contract_id AS contract_id, d.line_no AS line_no, d.started_at AS started_at, d.duration_seconds AS duration_seconds,
        d.session_type AS session_type, d.outcome AS outcome
    FROM (SELECT source, contract_id, line_no, started_at, duration_seconds, session_type, outcome FROM session_durations
        WHERE ` + chosenContracts + ` AND outcome IN ('open', 'lost_stop')) AS d
    INNER JOIN (SELECT DISTINCT source, contract_id, line_no FROM session_events WHERE ` + chosenContracts + ` AND $__timeFilter(event_time)) AS e
        ON e.source = d.source AND e.contract_id = d.contract_id AND e.line_no = d.line_no
    ORDER BY started_at
    LIMIT 100) AS s
` + joinNames + `
ORDER BY started_at`),
		columns: []column{
			lineColumn(), nameColumn(), contractColumn(uidSessions),
			{name: "started_at", title: "Since", unit: moment, width: 160},
			{name: "duration_seconds", title: "For", unit: seconds},
			{name: "session_type", title: "Where", unit: word},
			{name: "outcome", title: "Log", unit: word},
			sourceColumn(),
		},
	}
}

func logsComplete() panel {
	return panel{
		kind: table, title: "How far the logs are complete", unit: word, width: 24, height: 6,
		empty: "No log has been read yet.",
		about: "Every row before this moment is stored; later ones may still come, because the carrier writes its logs late. Table log_watermarks.",
		asks: one(`SELECT source, contract_id, log, watermark, dateDiff('second', watermark, now()) AS behind FROM log_watermarks FINAL
WHERE ` + chosenContracts + `
ORDER BY source, contract_id, log`),
		columns: []column{
			{name: "source", title: "Source", unit: word},
			contractColumn(uidSessions),
			{name: "log", title: "Log", unit: word},
			{name: "watermark", title: "Complete until", unit: moment},
			{name: "behind", title: "That is ago", unit: seconds, steps: high(3600, 6*3600)},
		},
	}
}
