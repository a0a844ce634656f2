package dashboards

// forecastsThen is what became of the forecasts that were kept. Those of less than a week of history are left out: they were
// guesses.
func forecastsThen() []panel {
	const none = "No month has ended yet of which kaisen keeps a forecast."
	const results = ` FROM forecast_results
WHERE ` + chosenContracts + ` AND days_of_history >= 7`
	return []panel{
		{
			kind: chart, title: "How far off the month's end was", unit: ratio, width: 12, steps: plain(),
			empty: none,
			about: "By how much the forecasts of half of the lines were off, over what the month used in the end, by how many days were left when they were made: view forecast_results, all months that have ended.",
			asks:  one(`SELECT toString(days_left) AS days_left_then, quantile(0.5)(abs(error_ratio)) AS median_error` + results + ` AND error_ratio IS NOT NULL GROUP BY days_left ORDER BY days_left DESC`),
		},
		{
			kind: table, title: "What became of the forecasts", unit: word, width: 12,
			empty: none,
			about: "Forecasts by month: how many of them had the month's end within their band, which is meant to hold 80 % of them; of those of lines that ran out how many had said so, and of those that said so how many did. View forecast_results.",
			asks: one(`SELECT toString(month) AS of_month, count() AS forecasts, avg(within_band) AS in_band, quantileIf(0.5)(abs(error_ratio), error_ratio IS NOT NULL) AS median_error,
    countIf(ran_out) AS ran_out_then, countIf(ran_out AND said_to_run_out) / nullIf(countIf(ran_out), 0) AS foreseen,
    countIf(ran_out AND said_to_run_out) / nullIf(countIf(said_to_run_out AND ran_out IS NOT NULL), 0) AS came_true` + results + ` GROUP BY month ORDER BY month DESC`),
			columns: []column{
				{name: "of_month", title: "Month", unit: word, width: 110},
				{name: "forecasts", title: "Forecasts", unit: count, width: 100},
				{name: "in_band", title: "Within the band", unit: ratio},
				{name: "median_error", title: "Median error", unit: ratio},
				{name: "ran_out_then", title: "Of lines that ran out", unit: count},
				{name: "foreseen", title: "Foreseen", unit: ratio},
				{name: "came_true", title: "Came true", unit: ratio},
			},
		},
	}
}
