package dashboards

// The shapes of Grafana's classic dashboard JSON (schemaVersion 42), as far as they are used. Their zero values are left
// out wherever Grafana's own default is the same.

type model struct {
	ID            *int       `json:"id"` // null: Grafana's own number, never ours
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	Timezone      string     `json:"timezone"`
	Editable      bool       `json:"editable"`
	GraphTooltip  int        `json:"graphTooltip"` // 1: one crosshair for all panels
	SchemaVersion int        `json:"schemaVersion"`
	Version       int        `json:"version"`
	Refresh       string     `json:"refresh"`
	Time          timeRange  `json:"time"`
	Templating    variables  `json:"templating"`
	Annotations   noList     `json:"annotations"`
	Links         []link     `json:"links"`
	Panels        []panelBox `json:"panels"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type noList struct {
	List []struct{} `json:"list"`
}

type variables struct {
	List []variable `json:"list"`
}

type variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`                 // datasource or query
	Datasource *datasource `json:"datasource,omitempty"` // of a query
	Query      any         `json:"query"`                // a type of datasource, SQL, or a promQuery
	Definition string      `json:"definition,omitempty"` // what the list of variables shows
	Regex      string      `json:"regex"`
	Refresh    int         `json:"refresh,omitempty"` // 1: when the dashboard is opened
	Sort       int         `json:"sort,omitempty"`    // 1: by name
	Multi      bool        `json:"multi"`
	IncludeAll bool        `json:"includeAll"`
	Current    *chosen     `json:"current,omitempty"` // when nobody has chosen; missing: the first there is
	Options    []struct{}  `json:"options"`
	Hide       int         `json:"hide"`
}

type promQuery struct {
	QryType int    `json:"qryType"` // 1: label values
	Query   string `json:"query"`
	RefID   string `json:"refId"`
}

type chosen struct {
	Text  []string `json:"text"`
	Value []string `json:"value"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// link is one at the head of a dashboard.
type link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	URL         string   `json:"url"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
}

// dataLink is one of a value.
type dataLink struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// panelBox is a panel in its place, or the heading of a row.
type panelBox struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description,omitempty"`
	GridPos         gridPos          `json:"gridPos"`
	Collapsed       bool             `json:"collapsed,omitempty"`
	Panels          []panelBox       `json:"panels,omitempty"` // of a collapsed row
	Datasource      *datasource      `json:"datasource,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	HideTimeOver    bool             `json:"hideTimeOverride,omitempty"`
	Interval        string           `json:"interval,omitempty"` // the shortest step of a graph
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	Options         map[string]any   `json:"options,omitempty"` // each type of panel has its own
	Transformations []transformation `json:"transformations,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
}

type gridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []override    `json:"overrides"`
}

type fieldDefaults struct {
	Unit        string         `json:"unit"`
	NoValue     string         `json:"noValue"`
	DisplayName string         `json:"displayName,omitempty"`
	Min         *float64       `json:"min,omitempty"`
	Max         *float64       `json:"max,omitempty"`
	Color       *color         `json:"color,omitempty"`
	Thresholds  *thresholds    `json:"thresholds,omitempty"`
	Mappings    []mapping      `json:"mappings,omitempty"`
	Custom      map[string]any `json:"custom,omitempty"` // each type of panel has its own
}

type color struct {
	Mode string `json:"mode"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step is where a colour begins; the first one has no beginning.
type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

type mapping struct {
	Type    string            `json:"type"`
	Options map[string]mapped `json:"options"`
}

type mapped struct {
	Text  string `json:"text"`
	Color string `json:"color"`
	Index int    `json:"index"`
}

type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

// target is a query: of Prometheus with expr, of ClickHouse with rawSql.
type target struct {
	RefID      string     `json:"refId"`
	Datasource datasource `json:"datasource"`

	Expr         string `json:"expr,omitempty"`
	EditorMode   string `json:"editorMode,omitempty"`
	LegendFormat string `json:"legendFormat,omitempty"`
	Range        bool   `json:"range,omitempty"`
	Instant      bool   `json:"instant,omitempty"`

	RawSQL        string `json:"rawSql,omitempty"`
	EditorType    string `json:"editorType,omitempty"`
	QueryType     string `json:"queryType,omitempty"`
	PluginVersion string `json:"pluginVersion,omitempty"` // else the plugin takes it for a query of version 3

	Format any `json:"format"` // time_series or table; with ClickHouse 0 or 1
}
