package dashboards

// health is about kaisen itself. Symptoms are above: whether figures are fresh and rows are stored; causes below.
func health() dashboard {
	return dashboard{
		uid: uidHealth, title: "its own health", store: prometheus(), from: "now-6h",
		about: "Whether kaisen keeps its intervals, what the carrier answers, and whether ClickHouse takes the rows.",
		choices: []choice{
			{name: "source", label: "Source", query: `label_values(kaisen_rate_limit_requests_per_second, source)`},
			{name: "instance", label: "kaisen", query: `label_values(kaisen_build_info, instance)`},
		},
		rows: []row{
			{"Now", healthNow()},
			{"Sweeps: are the figures fresh?", healthSweeps()},
			{"The schedule: who is asked when?", healthSchedule()},
			{"The carrier: what does it answer?", healthCarrier()},
			{"The store: are rows kept?", healthStore()},
			{"The process", healthProcess()},
		},
	}
}

const (
	chosenSource   = `source=~"$source"`
	chosenInstance = `instance=~"$instance"`
)

func healthNow() []panel {
	const down = "No kaisen is scraped."
	return []panel{
		{
			kind: stat, title: "Down", unit: count, width: 4, steps: unwanted("red"), empty: "Prometheus has no target of job kaisen.",
			about: "Targets of the scrape job kaisen that do not answer.",
			asks:  one(`sum(up{job="kaisen",` + chosenInstance + `} == bool 0)`),
		},
		{
			kind: stat, title: "Furthest behind", unit: seconds, width: 4, steps: high(900, 1800), empty: down,
			about: "How far the item that has waited longest is past its job's interval: kaisen_job_behind_seconds.",
			asks:  one(`max(kaisen_job_behind_seconds{` + chosenSource + `})`),
		},
		{
			kind: stat, title: "Good answers", unit: ratio, width: 4, steps: low(0.9, 0.99), empty: "kaisen asked the carrier for nothing in this time.",
			about: "Part of the requests that the carrier answered with 2xx, or with 404, which says that a line is no more.",
			asks: one(`sum(increase(kaisen_api_requests_total{code=~"2..|404",` + chosenSource + `}[$__range])) / sum(increase(kaisen_api_requests_total{` +
				chosenSource + `}[$__range]))`),
		},
		{
			kind: stat, title: "Oldest row that waits", unit: seconds, width: 4, steps: high(600, 3600), empty: down,
			about: "For how long the oldest row in the spool has waited to be stored; 0 while none waits.",
			asks:  one(`max((time() - kaisen_spool_oldest_timestamp_seconds{` + chosenInstance + `}) * (kaisen_spool_oldest_timestamp_seconds{` + chosenInstance + `} > bool 0))`),
		},
		{
			kind: stat, title: "Answers not understood", unit: count, width: 4, steps: unwanted("orange"), empty: down,
			about: "Answers that went to table dead_letters since kaisen started; none is what is hoped for.",
			asks:  one(`sum(kaisen_dead_letters_total{` + chosenSource + `}) or sum(0 * kaisen_build_info)`),
		},
		{
			kind: stat, title: "Lines left out", unit: count, width: 4, steps: unwanted("red"), empty: down,
			about: "Lines that have no metrics, and no alerts, because the cap on exported lines is reached: kaisen_lines_not_exported.",
			asks:  one(`sum(kaisen_lines_not_exported{` + chosenInstance + `})`),
		},
	}
}

func healthSweeps() []panel {
	return []panel{
		{
			kind: graph, title: "Behind the interval", unit: seconds, width: 8,
			empty: "kaisen told of no job in this time.",
			about: "By how much the item that has waited longest is past its job's interval. 0 is in time; a line that climbs is a sweep that stands still.",
			asks:  []ask{{`max by (source, job) (kaisen_job_behind_seconds{` + chosenSource + `})`, "{{source}} {{job}}"}},
		},
		{
			kind: graph, title: "Length of a sweep", unit: seconds, width: 8, how: stairs,
			empty: "No sweep has finished in this time.",
			about: "How long the last finished sweep of each job took; it should be well below the job's interval.",
			asks:  []ask{{`max by (source, job) (kaisen_job_duration_seconds{` + chosenSource + `})`, "{{source}} {{job}}"}},
		},
		{
			kind: table, title: "Last sweep of each job", unit: word, width: 8,
			empty: "No sweep has finished yet.",
			about: "Items (lines, contracts, orders) that went well, went wrong and were left for the next sweep, and how long ago a sweep left nothing undone.",
			asks: []ask{
				{query: `sum by (source, job) (kaisen_job_items{outcome="ok",` + chosenSource + `})`},
				{query: `sum by (source, job) (kaisen_job_items{outcome="failed",` + chosenSource + `})`},
				{query: `sum by (source, job) (kaisen_job_items{outcome="left",` + chosenSource + `})`},
				{query: `time() - min by (source, job) (kaisen_job_last_success_timestamp_seconds{` + chosenSource + `})`},
			},
			columns: []column{
				{name: "job", title: "Job", unit: word},
				{name: figure(0), title: "Ok", unit: count, width: 70},
				{name: figure(1), title: "Failed", unit: count, width: 70, steps: unwanted("orange")},
				{name: figure(2), title: "Left", unit: count, width: 70, steps: unwanted("orange")},
				{name: figure(3), title: "Whole", unit: seconds, width: 90},
				sourceColumn(),
			},
		},
	}
}

func healthCarrier() []panel {
	const asked = "kaisen asked the carrier for nothing in this time."
	return []panel{
		{
			kind: graph, title: "Answers by code", unit: perSecond, width: 8, how: stacked, empty: asked,
			about: "Requests a second by the status of the answer, or a word where there was none.",
			asks:  []ask{{`sum by (code) (rate(kaisen_api_requests_total{` + chosenSource + `}[$__rate_interval]))`, "{{code}}"}},
		},
		{
			kind: graph, title: "Time of an answer", unit: seconds, width: 8, empty: asked,
			about: "The median of all answers, and what one in twenty exceeds, without the wait in kaisen's own request budget.",
			asks: []ask{
				{`histogram_quantile(0.5, sum by (le) (rate(kaisen_api_request_duration_seconds_bucket{` + chosenSource + `}[$__rate_interval])))`, "median"},
				{`histogram_quantile(0.95, sum by (le) (rate(kaisen_api_request_duration_seconds_bucket{` + chosenSource + `}[$__rate_interval])))`, "1 in 20 is slower"},
			},
		},
		{
			kind: graph, title: "Asked for less", unit: perSecond, width: 8, how: columnsOverTime,
			empty: "The carrier has not asked for less since kaisen started.",
			about: "Answers with which the carrier throttles kaisen, by reason: 429, 503, resultCode 2.",
			asks:  []ask{{`sum by (reason) (rate(kaisen_api_throttled_total{` + chosenSource + `}[$__rate_interval]))`, "{{reason}}"}},
		},
		{
			kind: graph, title: "Request rate in force", unit: perSecond, width: 8, how: stairs,
			empty: "No kaisen is scraped.",
			about: "The rate that kaisen allows itself: the configured one, or less after the carrier throttled it; and what it really asks.",
			asks: []ask{
				{`min by (source) (kaisen_rate_limit_requests_per_second{` + chosenSource + `})`, "{{source}}: allowed"},
				{`sum by (source) (rate(kaisen_api_requests_total{` + chosenSource + `}[$__rate_interval]))`, "{{source}}: asked"},
			},
		},
		{
			kind: graph, title: "Waiting for the budget", unit: seconds, width: 8, empty: asked,
			about: "For how long a request waits in kaisen until the rate lets it go. When this grows, the rate is too low for the lines and intervals.",
			asks: []ask{{`sum by (source) (rate(kaisen_rate_limit_wait_seconds_total{` + chosenSource + `}[$__rate_interval])) / sum by (source) (rate(kaisen_api_requests_total{` +
				chosenSource + `}[$__rate_interval]))`, "{{source}}"}},
		},
		{
			kind: graph, title: "Odd answers", unit: count, width: 8, how: columnsOverTime,
			empty: "Every answer was as the documents have it since kaisen started.",
			about: "Answers that were not understood and went to table dead_letters, by operation; and odd values that were read all the same, by field.",
			asks: []ask{
				{`sum by (operation) (increase(kaisen_dead_letters_total{` + chosenSource + `}[$__rate_interval]))`, "{{operation}} not understood"},
				{`sum by (operation, field) (increase(kaisen_parse_warnings_total[$__rate_interval]))`, "{{operation}} {{field}} odd"},
			},
		},
	}
}

func healthStore() []panel {
	return []panel{
		{
			kind: graph, title: "Rows stored", unit: rowsEach, width: 8, how: stacked,
			empty: "ClickHouse has taken no row since kaisen started.",
			about: "Rows a second that ClickHouse took, by table.",
			asks:  []ask{{`sum by (table) (rate(kaisen_rows_written_total{` + chosenInstance + `}[$__rate_interval]))`, "{{table}}"}},
		},
		{
			kind: graph, title: "Rows that wait", unit: volume, width: 8,
			empty: "No kaisen is scraped.",
			about: "Bytes in the spool on disk: rows that ClickHouse has not taken yet. It should come back to nothing; nothing is lost while it grows, until it is full.",
			asks:  []ask{{`max by (instance) (kaisen_spool_bytes{` + chosenInstance + `})`, "{{instance}}"}},
		},
		{
			kind: graph, title: "Trouble with rows", unit: count, width: 8, how: columnsOverTime,
			empty: "Every row was stored at the first try since kaisen started.",
			about: "Inserts that ClickHouse did not take and that are tried again; rows it refuses for what they say, which go to table dead_letters; samples given up because the spool was full; and whether it is.",
			asks: []ask{
				{`sum by (table) (increase(kaisen_store_errors_total{` + chosenInstance + `}[$__rate_interval]))`, "{{table}}: tried again"},
				{`sum by (table) (increase(kaisen_spool_rejected_rows_total{` + chosenInstance + `}[$__rate_interval]))`, "{{table}}: refused"},
				{`sum by (table) (increase(kaisen_spool_thinned_rows_total{` + chosenInstance + `}[$__rate_interval]))`, "{{table}}: given up"},
				{`max by (instance) (kaisen_spool_full{` + chosenInstance + `})`, "{{instance}}: full"},
			},
		},
	}
}

func healthProcess() []panel {
	const none = "No kaisen is scraped."
	return []panel{
		{
			kind: table, title: "Versions", unit: word, width: 8, empty: none,
			about: "Every kaisen that is scraped, its version, and how long it has run.",
			asks: []ask{
				{query: `max by (instance, version, revision) (kaisen_build_info{` + chosenInstance + `})`},
				{query: `(time() - max by (instance) (process_start_time_seconds{` + chosenInstance + `})) * on (instance) group_right () max by (instance, version, revision) (kaisen_build_info{` + chosenInstance + `})`},
			},
			columns: []column{
				{name: "instance", title: "kaisen", unit: word},
				{name: "version", title: "Version", unit: word},
				{name: "revision", title: "Revision", unit: word},
				{name: figure(0), title: "Up", unit: count, width: 50},
				{name: figure(1), title: "For", unit: seconds, width: 100},
			},
		},
		{
			kind: graph, title: "Memory", unit: volume, width: 8, empty: none,
			about: "Resident memory of kaisen; the embedded ClickHouse is a process of its own and not in it.",
			asks:  []ask{{`max by (instance) (process_resident_memory_bytes{` + chosenInstance + `} and on (instance) kaisen_build_info)`, "{{instance}}"}},
		},
		{
			kind: graph, title: "Processors in use", unit: count, width: 8, empty: none,
			about: "How many processors kaisen kept busy; 1 is one of them the whole time.",
			asks:  []ask{{`max by (instance) (rate(process_cpu_seconds_total{` + chosenInstance + `}[$__rate_interval]) and on (instance) kaisen_build_info)`, "{{instance}}"}},
		},
	}
}
