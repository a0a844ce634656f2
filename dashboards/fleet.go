package dashboards

// fleet is what an operator opens first: is anything wrong, and with whom. It needs Prometheus alone.
func fleet() dashboard {
	return dashboard{
		uid: uidFleet, title: "fleet", store: prometheus(), from: "now-24h", choices: fleetChoices(prometheus()),
		about: "All contracts at a glance: how much is used, who is short of volume, who is restricted, what is firing.",
		rows: []row{
			{"Now", fleetNow()},
			{"Who to look at", []panel{fleetNearest(), fleetAlerts()}},
			{"By contract", []panel{fleetContracts(), fleetLeft()}},
			{"Over time", fleetOverTime()},
		},
	}
}

// own keeps lines that draw from no share group.
const own = ` unless on (source, contract_id, line_no) kaisen_line_info{data_share=~"registered|removal_reserved"}`

func fleetNow() []panel {
	const silent = "kaisen tells of no line of these contracts. Is it scraped?"
	const untold = "kaisen tells of no line of these contracts how it is now. Is it scraped, and does the carrier answer?"
	return []panel{
		{
			kind: stat, title: "Lines", unit: count, width: 4, steps: plain(), empty: silent,
			about: "Lines in the inventory that are polled: kaisen_lines, state active.",
			asks:  one(`sum(kaisen_lines{state="active",` + chosenLines + `})`),
		},
		{
			kind: stat, title: "Near their cap", unit: count, width: 4, steps: unwanted("orange"), empty: untold,
			about: "Lines with less than a fifth of the month's volume left that are not restricted yet. Members of a share group are judged by what their group has left.",
			asks:  one(`sum(kaisen_lines_by_condition{condition="near_cap",` + chosenLines + `})`),
		},
		{
			kind: stat, title: "Restricted", unit: count, width: 4, steps: unwanted("red"), empty: untold,
			about: "Lines that the carrier throttles now, for the month's volume, for the last days, or for both. Members of a share group are throttled with it.",
			asks:  one(`sum(kaisen_lines_by_condition{condition="restricted",` + chosenLines + `})`),
		},
		{
			kind: stat, title: "Will run out this month", unit: count, width: 4, steps: unwanted("orange"), empty: untold,
			about: "Lines on their own that are expected to use up their volume before the month ends, and are not restricted yet.",
			asks:  one(`sum(kaisen_lines_by_condition{condition="will_run_out",` + chosenLines + `})`),
		},
		{
			kind: stat, title: "Roaming", unit: count, width: 4, steps: unwanted("blue"),
			empty: "Nothing is known of sessions here. Is the job session switched off?",
			about: "Lines with a session abroad when last asked.",
			asks:  one(`sum(kaisen_line_session_roaming{` + chosenLines + `})`),
		},
		{
			kind: stat, title: "Used today", unit: volume, width: 4, steps: plain(), empty: silent,
			about: "What all lines have used since the carrier's midnight (Tokyo).",
			asks:  one(`sum(kaisen_line_today_bytes{scope="line",` + chosenLines + `})`),
		},
	}
}

func fleetNearest() panel {
	const nearest = `bottomk(15, max by (source, contract_id, line_no) (kaisen_line_remaining_ratio{scope="line",` + chosenLines + `}` + own + `))`
	return panel{
		kind: table, title: "Nearest their cap", unit: word, width: 14, height: 10,
		empty: "No line here has a volume of its own.",
		about: "The fifteen lines on their own with the smallest part of their volume left. Click a line for all that is known of it.",
		asks: []ask{
			{query: nearest},
			{query: `max by (source, contract_id, line_no) (kaisen_line_remaining_bytes{scope="line",` + chosenLines + `}) and ` + nearest},
			{query: `max by (source, contract_id, line_no) (kaisen_line_today_bytes{scope="line",` + chosenLines + `}) and ` + nearest},
			{query: `1000 * max by (source, contract_id, line_no) (kaisen_line_exhaustion_timestamp_seconds{` + chosenLines + `}) and ` + nearest},
		},
		columns: []column{
			lineColumn(), contractColumn(uidCap),
			{name: figure(0), title: "Part left", unit: ratio, bar: true, steps: low(0.05, 0.1)},
			{name: figure(1), title: "Left", unit: volume, width: 100},
			{name: figure(2), title: "Today", unit: volume, width: 100},
			{name: figure(3), title: "Runs out", unit: moments, width: 130},
			sourceColumn(),
		},
	}
}

func fleetAlerts() panel {
	return panel{
		kind: table, title: "Alerts that fire", unit: word, width: 10, height: 10,
		empty: "No alert fires. Where Prometheus has not loaded kaisen's rules, none ever will.",
		about: "Alerts of kaisen's rules (deploy/prometheus/rules) that fire now, and on how many lines.",
		asks:  one(`sort_desc(count by (alertname, severity, contract_id) (ALERTS{alertname=~"Kaisen.+",alertstate="firing",contract_id=~"$contract|"}))`),
		columns: []column{
			{name: "alertname", title: "Alert", unit: word},
			{name: "severity", title: "Severity", unit: word, width: 90},
			{name: "contract_id", title: "Contract", unit: word, width: 120},
			{name: "Value", title: "Times", unit: count, width: 70},
		},
	}
}

func fleetContracts() panel {
	return panel{
		kind: table, title: "Contracts", unit: word, width: 16,
		empty: "kaisen tells of no contract here. Is it scraped?",
		about: "Each contract: its lines, how many are restricted, what they used today and this month, what is left in its share group.",
		asks: []ask{
			{query: `sum by (source, contract_id) (kaisen_lines{state="active",` + chosenLines + `})`},
			{query: `sum by (source, contract_id) (kaisen_lines_by_condition{condition="restricted",` + chosenLines + `})`},
			{query: `sum by (source, contract_id) (kaisen_line_today_bytes{scope="line",` + chosenLines + `})`},
			{query: `sum by (source, contract_id) (kaisen_line_month_bytes{scope="line",` + chosenLines + `})`},
			{query: `min by (source, contract_id) (kaisen_data_share_remaining_bytes{` + chosenLines + `})`},
		},
		columns: []column{
			contractColumn(uidCap),
			{name: figure(0), title: "Lines", unit: count, width: 80},
			{name: figure(1), title: "Restricted", unit: count, width: 100, steps: unwanted("red")},
			{name: figure(2), title: "Today", unit: volume},
			{name: figure(3), title: "This month", unit: volume},
			{name: figure(4), title: "Left in its pool", unit: volume, link: to(uidPools, "source", "source", "contract", "contract_id")},
			sourceColumn(),
		},
	}
}

func fleetLeft() panel {
	const left = `kaisen_line_remaining_ratio{scope="line",` + chosenLines + `}`
	return panel{
		kind: bars, title: "How much the lines have left", unit: count, width: 8, steps: plain(),
		empty: "No line here has a volume of its own.",
		about: "Lines on their own by the part of the month's volume that they have left.",
		asks: []ask{
			{`sum((` + left + ` < bool 0.05)` + own + `)`, "below 5 %"},
			{`sum((` + left + ` >= 0.05 < bool 0.1)` + own + `) or sum(0 * ` + left + `)`, "5 to 10 %"},
			{`sum((` + left + ` >= 0.1 < bool 0.25)` + own + `) or sum(0 * ` + left + `)`, "10 to 25 %"},
			{`sum((` + left + ` >= 0.25 < bool 0.5)` + own + `) or sum(0 * ` + left + `)`, "25 to 50 %"},
			{`sum((` + left + ` >= bool 0.5)` + own + `)`, "50 % and more"},
		},
	}
}

func fleetOverTime() []panel {
	return []panel{
		{
			kind: graph, title: "Used since midnight", unit: volume, width: 8, how: stacked,
			empty: "kaisen told of no traffic in this time.",
			about: "What the lines of each contract had used since the carrier's midnight; compare a day's slope with the day before.",
			asks:  []ask{{`sum by (contract_id) (kaisen_line_today_bytes{scope="line",` + chosenLines + `})`, "{{contract_id}}"}},
		},
		{
			kind: graph, title: "Restricted lines", unit: count, width: 8, how: stacked,
			empty: "kaisen told of no line in this time.",
			about: "Lines that the carrier throttled, by contract. Members of a share group are throttled with it.",
			asks:  []ask{{`sum by (contract_id) (kaisen_lines_by_condition{condition="restricted",` + chosenLines + `})`, "{{contract_id}}"}},
		},
		{
			kind: graph, title: "Connected lines", unit: count, width: 8,
			empty: "Nothing is known of sessions in this time. Is the job session switched off?",
			about: "Lines with a session when last asked; a sudden fall is an outage.",
			asks: []ask{
				{`sum by (contract_id) (kaisen_line_session_connected{` + chosenLines + `})`, "{{contract_id}}"},
			},
		},
	}
}
