package dashboards

// dashboard is what a dashboard function describes. Everything that all dashboards have alike is added by render.
type dashboard struct {
	uid     string // fixed, because alerts and other dashboards lead to it; also the name of the file
	title   string
	about   string
	store   store
	from    string // where its time begins when nobody has chosen: now-24h
	choices []choice
	rows    []row
}

// row is a heading and the panels under it, which fill lines of 24 columns from the left.
type row struct {
	title  string
	panels []panel
}

// store is a kind of database. The variable that holds the chosen one is called otherwise in each, because a link
// hands variables on by name, and a Prometheus is no ClickHouse.
type store struct{ plugin, variable, label string }

func prometheus() store { return store{"prometheus", "prometheus", "Prometheus"} }
func clickhouse() store { return store{"grafana-clickhouse-datasource", "clickhouse", "ClickHouse"} }

func (s store) reference() datasource { return datasource{s.plugin, "${" + s.variable + "}"} }

// choice is a variable that a person can choose from what the query finds.
type choice struct {
	name, label, query string
	one                bool // else any number of them, and all when nobody has chosen
}

// kind is a type of panel, in Grafana's words.
type kind string

const (
	stat   kind = "stat"           // one figure
	bars   kind = "bargauge"       // some figures side by side
	graph  kind = "timeseries"     // over time
	states kind = "state-timeline" // what held when
	chart  kind = "barchart"       // by anything but time
	table  kind = "table"
)

// unit is one of Grafana's.
type unit string

const (
	count     unit = "short"
	volume    unit = "bytes" // GiB is what Grafana calls the GB of 1,024 MB that page and alerts write
	ratio     unit = "percentunit"
	seconds   unit = "s"
	perSecond unit = "reqps"
	rowsEach  unit = "wps" // writes a second
	moment    unit = "dateTimeAsIso"
	moments   unit = "dateTimeFromNow"
	word      unit = "string"
)

// panel is one picture. Title, about, empty and unit are never missing.
type panel struct {
	kind   kind
	title  string
	about  string // what it shows and where that comes from: the text behind the small i
	empty  string // what it says in place of nothing
	unit   unit   // of all values; of a table, where a column has none of its own
	width  int    // in columns of 24
	height int    // in lines; 0: as usual for its kind
	asks   []ask

	columns []column // of a table, from the left; exactly those that the query has
	series  string   // what a series is called, where its column does not say
	steps   []step   // colours by value
	words   []mapped // words by value: 0, 1, 2, …
	max     float64  // of the scale; 0: as it comes
	how     drawing
	since   string // begins there whatever the dashboard's time is: 30d
	every   string // no finer steps than this: 15m
}

// drawing is how a graph shows its series.
type drawing int

const (
	lines drawing = iota
	stairs
	stacked // areas, one upon the other
	columnsOverTime
)

// ask is a query. Legend is for Prometheus, whose series have no names.
type ask struct{ query, legend string }

// one is the usual case of a single query.
func one(query string) []ask { return []ask{{query: query}} }

// column is a column of a table.
type column struct {
	name  string // of the query
	title string
	unit  unit // word where it is none
	width int  // in pixels; 0: shared
	bar   bool // drawn as a bar from 0 to 1
	steps []step
	link  string // where a click leads
}

// to is a link to another dashboard with the values of the row that was clicked: variable, column, variable, column, …
func to(uid string, pairs ...string) string {
	address := "/d/" + uid + "?"
	for i := 0; i+1 < len(pairs); i += 2 {
		address += "var-" + pairs[i] + "=${__data.fields." + pairs[i+1] + ":percentencode}&"
	}
	return address + "${__url_time_range}"
}

// The columns by which a table names a line, a contract and an account; the line's number and the contract lead to what is known of
// them.
func lineColumn() column {
	return column{name: "line_no", title: "Line", unit: word, width: 140, link: to(uidLine, "source", "source", "contract", "contract_id", "line", "line_no")}
}

func nameColumn() column { return column{name: "name", title: "Name", unit: word, width: 160} }

func contractColumn(leadsTo string) column {
	return column{name: "contract_id", title: "Contract", unit: word, width: 120, link: to(leadsTo, "source", "source", "contract", "contract_id")}
}

func sourceColumn() column { return column{name: "source", title: "Source", unit: word, width: 100} }

// Colours by value. What is short of something is worse the lower it is, what is too much the higher.
func low(critical, warning float64) []step {
	return []step{{"red", nil}, {"orange", &critical}, {"green", &warning}}
}

func high(warning, critical float64) []step {
	return []step{{"green", nil}, {"orange", &warning}, {"red", &critical}}
}

// any value above 0 is a thing to look at.
func unwanted(colour string) []step {
	above := 1e-9
	return []step{{"green", nil}, {colour, &above}}
}

func plain() []step { return []step{{"blue", nil}} }

// restrictions are the words for the values of column restriction.
func restrictions() []mapped {
	return []mapped{{"unknown", "purple", 0}, {"none", "green", 1}, {"recent", "orange", 2}, {"monthly", "red", 3}, {"monthly and recent", "dark-red", 4}}
}

// connections are the words for 0 without a session, 1 with one at home, 2 abroad.
func connections() []mapped {
	return []mapped{{"no session", "text", 0}, {"connected", "green", 1}, {"roaming", "blue", 2}}
}

// What the variables choose, as conditions. Of ClickHouse they begin with the primary key of every table about lines.
const (
	// chosenContracts are those of the variables source and contract: any number of each. The macro leaves a condition
	// out where all are chosen.
	chosenContracts = `$__conditionalAll(source IN (${source:singlequote}), $source) AND $__conditionalAll(contract_id IN (${contract:singlequote}), $contract)`

	// joinNames is what labels_file calls the lines of a query.
	joinNames = `LEFT JOIN (SELECT source, contract_id, line_no, name FROM line_names FINAL WHERE present) AS n USING (source, contract_id, line_no)`

	// chosenLine is the one of the variables source, contract and line.
	chosenLine = `source = ${source:singlequote} AND contract_id = ${contract:singlequote} AND line_no = ${line:singlequote}`

	// onItsOwn leaves members of share groups out: what is left of their own volume says nothing, the group's counts.
	onItsOwn = `data_share NOT IN ('registered', 'removal_reserved')`

	// restricted are lines that the carrier slows, whatever for.
	restricted = `restriction IN ('recent', 'monthly', 'monthly_and_recent')`

	// decides are the rows of the scope that decides for the line now: its share group's, or its own. GLOBAL is for a cluster of
	// shards, where a line's rows need not be beside its inventory.
	decides = `(scope = 'data_share') = ((source, contract_id, line_no) GLOBAL IN
    (SELECT source, contract_id, line_no FROM lines FINAL WHERE data_share IN ('registered', 'removal_reserved')))`

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
