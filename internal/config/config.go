package config

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // time_zone must load on a machine without a zone database

	"kaisen/exporter"
	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
	"kaisen/internal/chdb"
	"kaisen/internal/spool"
)

// Config is the whole configuration. The tags hold the keys' names and the one sentence that describes each, which
// is what the JSON Schema and the flags show.
type Config struct {
	TimeZone   string    `koanf:"time_zone" doc:"IANA time zone in which the carrier's days and months turn."`
	LabelsFile string    `koanf:"labels_file" doc:"CSV file with the customer's own words for lines: contract_id,line_no,name and any further columns; read again when it changes; empty for none."`
	Sources    []Source  `koanf:"sources,omitempty" doc:"The API accounts to watch."`
	Collector  Collector `koanf:"collector" doc:"How several kaisen share a fleet."`
	Store      Store     `koanf:"store" doc:"Where the rows are kept."`
	Exporter   Exporter  `koanf:"exporter" doc:"The HTTP server with the Prometheus metrics."`
	Log        Log       `koanf:"log" doc:"What is logged to stderr, and how."`
}

// Collector is the section collector.
type Collector struct {
	Shard string `koanf:"shard" doc:"This process's part of the lines where several kaisen share a fleet: 2/5 is the second of five. Each takes its part of the rate limits, and all write to one ClickHouse; empty for all."`
}

// mostShards bounds what a slip of the pen could do: every part reads every list.
const mostShards = 100

var errShard = errors.New("not a part of a whole")

// Part reads shard: part index, counted from 1, of count. An empty one is 1 of 1.
func (c Collector) Part() (index, count int, err error) {
	if c.Shard == "" {
		return 1, 1, nil
	}
	if _, err := fmt.Sscanf(c.Shard, "%d/%d", &index, &count); err != nil || fmt.Sprintf("%d/%d", index, count) != c.Shard {
		return 0, 0, errShard
	}
	if count < 1 || count > mostShards || index < 1 || index > count {
		return 0, 0, errShard
	}
	return index, count, nil
}

// StoreKind says which ClickHouse keeps the rows.
type StoreKind string

const (
	StoreEmbedded   StoreKind = "embedded"   // the engine that kaisen runs itself
	StoreClickHouse StoreKind = "clickhouse" // a server
)

// Store is the section store.
type Store struct {
	Kind          StoreKind `koanf:"kind" enum:"embedded,clickhouse" doc:"embedded runs a ClickHouse of kaisen's own; clickhouse uses a server."`
	Path          string    `koanf:"path" doc:"embedded: folder with the engine's files, relative to the working directory."`
	Listen        string    `koanf:"listen" doc:"embedded: address of ClickHouse's HTTP interface, host:port, for curl, DBeaver, browsers."`
	ListenNative  string    `koanf:"listen_native" doc:"embedded: address of ClickHouse's native protocol, on the same host as listen, for clickhouse-client, Grafana and kaisen itself; empty is off, and kaisen uses HTTP."`
	UsersFile     string    `koanf:"users_file" doc:"embedded: YAML file with more users, each with a role and a password; kaisen, analyst and grafana are always there."`
	Memory        Size      `koanf:"memory" doc:"embedded: the most memory that the engine takes, at least 512MiB; empty or 0B is half of the machine's, at most 4GiB."`
	HangAfter     Duration  `koanf:"hang_after" doc:"embedded: an engine that has not answered anything for so long is killed and started again, at least 10s."`
	DSN           DSN       `koanf:"dsn,omitempty" doc:"clickhouse: address of the server, clickhouse:// (native) or http(s)://, TLS by ?secure=true."`
	DSNFile       string    `koanf:"dsn_file,omitempty" doc:"clickhouse: file that holds the dsn, instead of dsn."`
	AutoMigrate   bool      `koanf:"auto_migrate" doc:"Bring the database to this version at the start; true unless told when embedded, false when clickhouse."`
	Cluster       string    `koanf:"cluster" doc:"clickhouse: name of the cluster over whose shards the rows are spread, read through Distributed tables; empty for one server."`
	Replicated    bool      `koanf:"replicated" doc:"With cluster: true for replicated tables made ON CLUSTER, which takes a Keeper; false for shards alone, each of which kaisen reaches by itself."`
	Spool         string    `koanf:"spool" doc:"Folder for what could not be written yet, relative to the working directory."`
	SpoolMax      Size      `koanf:"spool_max" doc:"Bytes that the spool may take on disk, at least 16MiB; when it is full, samples are thinned before anything waits."`
	FlushInterval Duration  `koanf:"flush_interval" doc:"Longest that rows wait in the spool for others to be inserted together with them, 100ms to 1m; longer ones make fewer and larger inserts, which a cluster of many shards likes."`
	Retention     Retention `koanf:"retention" doc:"How long rows are kept."`
}

// Retention is the section store.retention.
type Retention struct {
	Samples Duration `koanf:"samples" doc:"How long traffic and session samples are kept, at least 1d; 0 keeps them for ever."`
	Events  Duration `koanf:"events" doc:"How long log rows are kept, at least 1d; 0 keeps them for ever."`

	TrafficSamples  OwnDuration `koanf:"traffic_samples,omitempty" doc:"The same for this table alone, instead of samples; less than 62d makes the first hours of months incomplete."`
	SessionSamples  OwnDuration `koanf:"session_samples,omitempty" doc:"The same for this table alone, instead of samples."`
	LineForecasts   OwnDuration `koanf:"line_forecasts,omitempty" doc:"The same for this table alone, instead of samples."`
	TrafficHours    OwnDuration `koanf:"traffic_hours,omitempty" doc:"How long the hours of months that are over are kept, at least 1d; for ever unless told."`
	Authentications OwnDuration `koanf:"authentications,omitempty" doc:"The same for this table alone, instead of events."`
	SessionEvents   OwnDuration `koanf:"session_events,omitempty" doc:"The same for this table, and the sessions that are copied of it, instead of events."`
	Sweeps          OwnDuration `koanf:"sweeps,omitempty" doc:"The same for this table alone, instead of events."`
	DeadLetters     OwnDuration `koanf:"dead_letters,omitempty" doc:"The same for this table alone, instead of events."`
}

// Tables are the tables that have a duration of their own, by name.
func (r Retention) Tables() map[string]Duration {
	own := map[string]Duration{}
	for table, kept := range map[string]OwnDuration{
		"traffic_samples": r.TrafficSamples, "session_samples": r.SessionSamples, "line_forecasts": r.LineForecasts, "traffic_hours": r.TrafficHours,
		"authentications": r.Authentications, "session_events": r.SessionEvents, "sweeps": r.Sweeps, "dead_letters": r.DeadLetters,
	} {
		if kept.Set {
			own[table] = kept.Value
		}
	}
	return own
}

// Exporter is the section exporter.
type Exporter struct {
	Listen           string         `koanf:"listen" doc:"Address that serves /metrics and the page, host:port."`
	Hosts            []string       `koanf:"hosts,omitempty" doc:"Names of this server that requests may be for, beside localhost, addresses, the host in listen, the machine's own name and names without a dot; * for every name."`
	WebConfigFile    string         `koanf:"web_config_file" doc:"Prometheus exporter-toolkit file with TLS, client certificates and basic auth; empty for plain HTTP."`
	StaleAfter       Duration       `koanf:"stale_after" doc:"A line's series stop when it was last observed longer ago than this; 0 is three intervals of the job concerned, or an interval more than an adaptive schedule may take."`
	MaxLines         int            `koanf:"max_lines" doc:"The most lines that /metrics shows: those that were first seen first, kaisen_lines_not_exported counts the others; 0 shows none."`
	LineLabel        linelabel.Form `koanf:"line_label" enum:"plain,masked,hashed" doc:"What label line_no and the page call a line: its number, 090****5678 with six digits of a keyed hash, or the hash alone."`
	Names            fleet.Names    `koanf:"names" enum:"name,note,none" doc:"Whose words name a line on metrics, page and alerts: name is labels_file, note is the carrier's note where that has no name, none is nobody's."`
	InfoLabels       []string       `koanf:"info_labels,omitempty" doc:"Columns of labels_file that kaisen_line_info has as labels, department for example."`
	LineLabelKeyFile string         `koanf:"line_label_key_file" doc:"masked, hashed: file with the secret key of the hash, at least 32 bytes; made with a random one where it is missing."`
}

// Log is the section log.
type Log struct {
	Level  string `koanf:"level" enum:"debug,info,warn,error" doc:"The least that is logged."`
	Format string `koanf:"format" enum:"text,json" doc:"How a log line looks."`
}

// DefaultConfig is the configuration of somebody who wrote none: an embedded store and no source. What a component has a
// default for is that.
func DefaultConfig() Config {
	engine, disk, shown := chdb.DefaultSupervisorConfig(), spool.DefaultConfig(), fleet.DefaultConfig()
	return Config{
		TimeZone: engine.TimeZone,
		Store: Store{
			Kind:          StoreEmbedded,
			Path:          engine.Path,
			Listen:        engine.Listen,
			ListenNative:  engine.ListenNative,
			HangAfter:     Duration(engine.HangAfter),
			DSN:           NewDSN("clickhouse://" + chdb.ServiceUser + "@localhost:9000/" + engine.Database),
			AutoMigrate:   true,
			Replicated:    true,
			Spool:         engine.Path + "/spool",
			SpoolMax:      Size(disk.MaxBytes),
			FlushInterval: Duration(disk.FlushEvery),
			Retention:     Retention{Samples: Duration(400 * day), Events: Duration(400 * day)},
		},
		Exporter: Exporter{Listen: exporter.DefaultConfig().Listen, MaxLines: shown.MaxLines, LineLabel: linelabel.Plain, Names: fleet.NamesFile},
		Log:      Log{Level: "info", Format: "text"},
	}
}

// Location is the time zone in which the carrier's days and months turn. It fails only on a Config that did not come
// from Load.
func (c *Config) Location() (*time.Location, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time_zone %q: %w", c.TimeZone, err)
	}
	return zone, nil
}

// ReadDSN is the server's address, from dsn or out of dsn_file, which is read anew at each call so that a renewed
// password takes effect.
func (s Store) ReadDSN() (DSN, error) {
	if s.DSNFile == "" {
		return s.DSN, nil
	}
	text, err := readSecret(s.DSNFile)
	return NewDSN(text), err
}

// RequireSources is the check of the commands that talk to the carrier; the others run without a source.
func (c *Config) RequireSources() error {
	if len(c.Sources) > 0 {
		return nil
	}
	return Mistakes{{Path: "sources", Problem: "empty, so there is nothing to watch",
		Advice: "add an account with name, kind, client_id, client_secret_file and contracts"}}
}
