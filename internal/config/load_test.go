package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"kaisen/collector/serviceorder"
	"kaisen/collector/unom"
	"kaisen/internal/kinds"
)

const oneSource = `
sources:
  - name: hq
    client_id: me
    client_secret: hunter2
    contracts: [N123456789]
`

func mustLoad(t *testing.T, text string, environ []string, flags *pflag.FlagSet) *Config {
	t.Helper()
	cfg, err := Load(kinds.All(), write(t, text), environ, flags)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "log:\nstore: {listen: }\n"} {
		cfg := mustLoad(t, text, nil, nil)
		want := DefaultConfig()
		want.Sources = []Source{}
		if diff := cmp.Diff(&want, cfg); diff != "" {
			t.Errorf("%q is not the default:\n%s", text, diff)
		}
	}
	if _, err := Load(kinds.All(), "", nil, nil); err != nil {
		t.Errorf("without a file: %v", err)
	}
}

func TestEachSourceGetsItsDefaults(t *testing.T) {
	cfg := mustLoad(t, oneSource+`
    rate_limit: {burst: 1}
    jobs: {sessions: {interval: 1m}, traffic: {interval: 0}, authentications: {lookback: 2d}}
  - {name: orders, kind: serviceorder, client_id: a, client_secret: b, service_names: [uno]}
`, nil, nil)
	want := DefaultSource(unom.Kind())
	want.Name, want.ClientID, want.ClientSecret = "hq", "me", NewSecret("hunter2")
	want.Settings = &unom.Settings{Contracts: []string{"N123456789"}}
	want.RateLimit.Burst = 1
	want.Jobs["sessions"] = Job{Interval: Duration(time.Minute), Share: 1, Lookback: maxLookback}
	want.Jobs["traffic"] = Job{Share: 1}
	want.Jobs["authentications"] = Job{Interval: Duration(5 * time.Minute), Share: 1, Lookback: Duration(2 * day)}
	if diff := cmp.Diff(want, cfg.Sources[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(DefaultSource(serviceorder.Kind()).Jobs, cfg.Sources[1].Jobs); diff != "" {
		t.Error(diff)
	}
	if got := cfg.Sources[1].Schedule; got != ScheduleFixed { // it has nothing that a plan could order
		t.Errorf("schedule %s of a service order account", got)
	}
}

func TestLayers(t *testing.T) {
	file := "log: {level: warn, format: json}\nexporter: {listen: ':1'}\nstore: {path: /file}\n"
	environ := []string{
		"KAISEN_EXPORTER__LISTEN=:2", "KAISEN_LOG__LEVEL=error", "KAISEN_TIME_ZONE=UTC",
		"KAISEN_STORE__AUTO_MIGRATE=false", "KAISEN_STORE__RETENTION__EVENTS=0", "KAISEN_STORE__CLUSTER=",
	}
	flags := pflag.NewFlagSet("kaisen", pflag.ContinueOnError)
	AddFlags(flags, "log.level", "store.listen")
	flags.Bool("yes", false, "not a key")
	if err := flags.Parse([]string{"--log.level=debug", "--yes"}); err != nil {
		t.Fatal(err)
	}
	cfg := mustLoad(t, file, environ, flags)
	want := DefaultConfig()
	want.Sources = []Source{}
	want.TimeZone = "UTC"
	want.Log = Log{Level: "debug", Format: "json"}
	want.Exporter.Listen = ":2"
	want.Store.Path = "/file"
	want.Store.AutoMigrate = false
	want.Store.Retention.Events = 0
	if diff := cmp.Diff(&want, cfg); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentReachesSources(t *testing.T) {
	cfg := mustLoad(t, oneSource, []string{
		"KAISEN_SOURCES__0__CLIENT_SECRET=renewed",
		"KAISEN_SOURCES__0__RATE_LIMIT__REQUESTS_PER_SECOND=0.5",
		"KAISEN_SOURCES__0__JOBS__TRAFFIC__INTERVAL=1m",
		"KAISEN_SOURCES__1__NAME=branch",
		"KAISEN_SOURCES__1__CLIENT_ID=you",
		"KAISEN_SOURCES__1__CLIENT_SECRET=swordfish",
		"KAISEN_SOURCES__1__CONTRACTS=N000000001, N000000002",
	}, nil)
	hq, branch := cfg.Sources[0], cfg.Sources[1]
	if hq.Name != "hq" || hq.ClientSecret.Reveal() != "renewed" || hq.RateLimit.RequestsPerSecond != 0.5 ||
		hq.RateLimit.Burst != 5 || hq.Jobs["traffic"].Interval != Duration(time.Minute) {
		t.Errorf("%+v", hq)
	}
	if branch.Name != "branch" || len(contractsOf(branch)) != 2 || contractsOf(branch)[1] != "N000000002" {
		t.Errorf("%+v", branch)
	}
}

// TestForeignVariables: the engine's path, and what Kubernetes sets for a service that is called kaisen.
func TestForeignVariables(t *testing.T) {
	mustLoad(t, "", []string{"KAISEN_LIBCHDB=/lib", "KAISEN_SERVICE_HOST=10.0.0.1", "KAISEN_PORT=tcp://10.0.0.1:80", "PATH=/bin", "KAISEN_"}, nil)
}

func TestMistakesSayWhereTheyCameFrom(t *testing.T) {
	flags := pflag.NewFlagSet("kaisen", pflag.ContinueOnError)
	AddFlags(flags, "exporter.listen")
	if err := flags.Parse([]string{"--exporter.listen=nowhere"}); err != nil {
		t.Fatal(err)
	}
	_, err := Load(kinds.All(), "", []string{
		"KAISEN_STORE__DSSN=x", "KAISEN_LOG__LEVEL=loud", "KAISEN_STORE__AUTO_MIGRATE=perhaps",
		"KAISEN_SOURCES__1__CLIENT_SECRET=hunter2", "KAISEN_SOURCES__HQ__NAME=hq",
	}, flags)
	want := `configuration: 6 mistakes
  exporter.listen (--exporter.listen): "nowhere" is not an address to listen on; write host:port, like 127.0.0.1:10842, or :10842 for every address of the machine
  log.level (KAISEN_LOG__LEVEL): unknown value "loud"; write debug, info, warn or error
  sources.hq: is not the number of an element; count the elements of sources from 0
  sources[1]: there is no sources[0] before it; count the sources from 0 without a gap
  store.auto_migrate (KAISEN_STORE__AUTO_MIGRATE): expected true or false, got the text "perhaps"; write true or false
  store.dssn (KAISEN_STORE__DSSN): unknown key; did you mean dsn?`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsThatHangOnAnotherKey(t *testing.T) {
	for _, test := range []struct {
		name, text string
		migrate    bool
		dsn        string
	}{
		{"embedded", "", true, "clickhouse://kaisen@localhost:9000/kaisen"},
		{"a server is migrated by hand", "store: {kind: clickhouse}", false, "clickhouse://kaisen@localhost:9000/kaisen"},
		{"unless told", "store: {kind: clickhouse, auto_migrate: true}", true, "clickhouse://kaisen@localhost:9000/kaisen"},
		{"a file takes the place of the default dsn", "store: {kind: clickhouse, dsn_file: testdata/dsn}", false, "https://kaisen:hunter2@db.example:8443/kaisen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := mustLoad(t, test.text, nil, nil).Store
			dsn, err := store.ReadDSN()
			if err != nil || store.AutoMigrate != test.migrate || dsn.Reveal() != test.dsn {
				t.Errorf("auto_migrate %v, dsn %v, error %v", store.AutoMigrate, dsn, err)
			}
		})
	}
}

func TestRequireSources(t *testing.T) {
	cfg := mustLoad(t, "", nil, nil)
	if err := cfg.RequireSources(); err == nil || err.Error() != "1 mistake\n  sources: empty, so there is nothing to watch; add an account with name, kind, client_id, client_secret_file and contracts" {
		t.Errorf("error %v without a source", err)
	}
	if err := mustLoad(t, oneSource, nil, nil).RequireSources(); err != nil {
		t.Error(err)
	}
}

func TestLocation(t *testing.T) {
	zone, err := mustLoad(t, "", nil, nil).Location()
	if err != nil || zone.String() != "Asia/Tokyo" {
		t.Errorf("%v, %v", zone, err)
	}
}

func TestWarnings(t *testing.T) {
	cfg := mustLoad(t, oneSource+`
    base_url: http://carrier.example
    token_url: http://127.0.0.1:8080/token
store: {listen: 0.0.0.0:8123}
collector: {shard: 2/5}
`, nil, nil)
	want := []string{
		"sources[0].base_url: access tokens cross the network unencrypted; write https",
		"store.listen: passwords and rows cross the network unencrypted to 0.0.0.0:8123; listen on 127.0.0.1",
		"collector.shard: an embedded database has only the rows of this part, and not the lines of it that another part's logs show; set store.kind to clickhouse, one for all parts",
	}
	if diff := cmp.Diff(want, cfg.Warnings()); diff != "" {
		t.Error(diff)
	}
	if cfg.Store.ListenNative != "0.0.0.0:9000" {
		t.Errorf("listen_native %s is on another host than listen", cfg.Store.ListenNative)
	}
	if free := mustLoad(t, "store: {listen: '127.0.0.1:0'}", nil, nil).Store.ListenNative; free != "127.0.0.1:0" {
		t.Errorf("listen_native %s beside a free port for listen", free)
	}
	for dsn, warns := range map[string]bool{
		"clickhouse://kaisen:p@db:9000/kaisen":                   true,
		"http://db:8123/kaisen?password=p":                       true,
		"clickhouse://kaisen:p@db:9440/kaisen?secure=true":       false,
		"https://kaisen:p@db:8443/kaisen":                        false,
		"clickhouse://kaisen:p@127.0.0.1:9000,[::1]:9000/kaisen": false,
		"clickhouse://kaisen@db:9000/kaisen":                     false,
	} {
		cfg := mustLoad(t, "store: {kind: clickhouse, dsn: '"+dsn+"'}", nil, nil)
		if got := len(cfg.Warnings()) == 1; got != warns {
			t.Errorf("%s: warnings %v", dsn, cfg.Warnings())
		}
	}
}

func contractsOf(source Source) []string { return source.Settings.(*unom.Settings).Contracts }

// An empty list says nothing, also where the key is another kind's: that is how compose files write what they leave out.
func TestEmptyKeysOfAnotherKind(t *testing.T) {
	cfg := mustLoad(t, "sources: [{name: o, kind: serviceorder, client_id: a, client_secret: b, contracts: [], extra_lines_file: '', service_names: [uno]}]",
		[]string{"KAISEN_SOURCES__0__CONTRACTS="}, nil)
	if settings := cfg.Sources[0].Settings.(*serviceorder.Settings); len(settings.ServiceNames) != 1 {
		t.Errorf("%+v", settings)
	}
}
