package dashboards

// What the variables choose, as conditions. Of ClickHouse they begin with the primary key of every table about lines.
const (
	// chosenContracts are those of the variables source and contract: any number of each. The macro leaves a condition
	// out where all are chosen.
	chosenContracts = `$__conditionalAll(source IN (${source:singlequote}), $source) AND $__conditionalAll(contract_id IN (${contract:singlequote}), $contract)`

	// chosenLine is the one of the variables source, contract and line.
	chosenLine = `source = ${source:singlequote} AND contract_id = ${contract:singlequote} AND line_no = ${line:singlequote}`

	// onItsOwn leaves members of share groups out: what is left of their own volume says nothing, the group's counts.
	onItsOwn = `data_share NOT IN ('registered', 'removal_reserved')`

	// restricted are lines that the carrier slows, whatever for.
	restricted = `restriction IN ('recent', 'monthly', 'monthly_and_recent')`

	// chosenDays are the days of the dashboard's time by the carrier's calendar. $__dateFilter would take them by UTC's,
	// and miss today until nine in the morning.
	chosenDays = `day >= toDate($__fromTime, 'Asia/Tokyo') AND day <= toDate($__toTime, 'Asia/Tokyo')`

	// chosenMonths let traffic_hourly read those months alone that have chosen hours.
	chosenMonths = `month >= toStartOfMonth(toDate($__fromTime, 'Asia/Tokyo')) AND $__timeFilter(hour)`

	// chosenLines are the same contracts in Prometheus.
	chosenLines = `source=~"$source",contract_id=~"$contract"`
)

// fleetChoices are any contracts of any account.
func fleetChoices(s store) []choice {
	if s == prometheus() {
		return []choice{
			{name: "source", label: "Source", query: `label_values(kaisen_lines, source)`},
			{name: "contract", label: "Contract", query: `label_values(kaisen_lines{source=~"$source"}, contract_id)`},
		}
	}
	return []choice{
		{name: "source", label: "Source", query: `SELECT DISTINCT source FROM lines ORDER BY source`},
		{name: "contract", label: "Contract", query: `SELECT DISTINCT contract_id FROM lines WHERE source IN (${source:singlequote}) ORDER BY contract_id`},
	}
}
