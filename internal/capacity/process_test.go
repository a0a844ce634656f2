package capacity

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/collector/unom/readings"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
	"kaisen/schema"
)

// process is a kaisen's collectors, each with a simulated carrier of its own.
type process struct {
	carriers map[string]*simulator.Carrier
	watching []collector.Collector
	stores   []*memory
	registry *prometheus.Registry
}

// newProcess is that of a configuration, whose accounts know what days have shown; its rows go to the sink, too, where there is one.
func newProcess(t *testing.T, cfg *config.Config, has Inventory, seed uint64, sink collector.Sink) *process {
	t.Helper()
	index, count, _ := cfg.Collector.Part()
	zone, _ := cfg.Location()
	p := &process{carriers: make(map[string]*simulator.Carrier), registry: prometheus.NewRegistry()}
	kind, _ := kinds.All().Find("unom")
	open := kind.Open(p.registry)
	clients, metrics := carrier.NewMetrics(p.registry), collector.NewMetrics(p.registry)
	for _, source := range cfg.Sources {
		contracts := collector.ContractsOf(source.Settings)
		lines, members := has.Sources[source.Name].Lines()
		sim := simulator.DefaultConfig()
		sim.Lines, sim.ContractIDs, sim.Contracts, sim.ShareLines, sim.Start = lines, contracts, 0, members, time.Now()
		sim.ServedMax, sim.Seed = 0, seed
		peer, err := simulator.New(sim)
		if err != nil {
			t.Fatal(err)
		}
		p.carriers[source.Name] = peer
		countOwnRadius(peer, has.Sources[source.Name].Contracts)
		limit := source.RateLimit.Part(index, count)
		client := carrier.DefaultConfig()
		client.Source, client.BaseURL, client.Inspect = source.Name, "http://carrier.test", kind.Inspect
		client.Credentials = carrier.Credentials{TokenURL: "http://carrier.test/v1/oauth/accesstokens", Style: carrier.StyleJSON, ClientID: sim.ClientID, ClientSecret: sim.ClientSecret}
		client.Limit = ratelimit.Limit(limit)
		asks, err := carrier.New(client, &direct{handler: peer.Handler()}, clients, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		store := &memory{logs: make(map[string]*schema.State), also: sink}
		watching, err := open(collector.Account{Source: source.Name, Zone: zone, Workers: limit.MaxInFlight, Jobs: source.JobConfigs(), Settings: source.Settings,
			Adaptive: source.Schedule == config.ScheduleAdaptive, MaxAge: time.Duration(source.MaxAge), Rate: asks.Rate}, asks,
			collector.Deps{Sink: store, Metrics: metrics, Log: slog.New(slog.DiscardHandler), Shard: collector.Shard{Index: index, Count: count}, Logs: store})
		if err != nil {
			t.Fatal(err)
		}
		watching.Restore(known(source.Name, contracts, time.Now()))
		p.watching, p.stores = append(p.watching, watching), append(p.stores, store)
	}
	return p
}

// run has everything watched until end.
func (p *process) run(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, watching := range p.watching {
		all.Go(func() { _ = watching.Run(ctx) })
	}
	return func() { cancel(); all.Wait() }
}

// forget forgets what was asked until now.
func (p *process) forget() {
	for _, peer := range p.carriers {
		peer.ResetStats()
	}
}

// asked is what was asked in an hour of those that were measured.
func (p *process) asked(measured time.Duration) map[string]map[string]float64 {
	asked := make(map[string]map[string]float64)
	for source, peer := range p.carriers {
		asked[source] = make(map[string]float64)
		for operation, statuses := range peer.Stats().Requests {
			for _, n := range statuses {
				asked[source][operation] += float64(n) / measured.Hours()
			}
		}
	}
	return asked
}

// direct hands requests to a server without a network.
type direct struct{ handler http.Handler }

func (d *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// memory keeps what of the logs is stored, as the database would.
type memory struct {
	mu   sync.Mutex
	logs map[string]*schema.State
	also collector.Sink // may be nil
}

func (m *memory) Write(ctx context.Context, b schema.Batch) error {
	if m.also != nil {
		if err := m.also.Write(ctx, b); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range b.Authentications {
		of := m.log(row.ContractID, "authentications")
		of.Authentications = append(of.Authentications, row)
	}
	for _, row := range b.SessionEvents {
		of := m.log(row.ContractID, "session_events")
		of.SessionEvents = append(of.SessionEvents, row)
	}
	return nil
}

// log is what is stored of a contract's log.
func (m *memory) log(contract, log string) *schema.State {
	of := m.logs[contract+log]
	if of == nil {
		of = new(schema.State)
		m.logs[contract+log] = of
	}
	return of
}

func (m *memory) LogRows(_ context.Context, _, contract, log string, from, to time.Time) (found schema.State, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.log(contract, log)
	for _, row := range of.Authentications {
		if !row.EventTime.Before(from) && row.EventTime.Before(to) {
			found.Authentications = append(found.Authentications, row)
		}
	}
	for _, row := range of.SessionEvents {
		if !row.EventTime.Before(from) && row.EventTime.Before(to) {
			found.SessionEvents = append(found.SessionEvents, row)
		}
	}
	return found, nil
}

func (m *memory) LogLines(context.Context, string, time.Time) ([]schema.LineKey, error) {
	return nil, nil
}

// known is what an account has found out after some days: that the log is to be believed, and that it is read up to now.
func known(source string, contracts []string, now time.Time) (state schema.State) {
	for _, id := range contracts {
		for _, f := range [][3]string{
			{"session", readings.SessionState, readings.SessionStateLog}, {"sessions", readings.StopTime, readings.StopTimeOwn},
			{"data_share_traffic", readings.ShareFigures, readings.ShareFiguresGroup},
			{"sessions", readings.LogReach, readings.LogReachSeconds}, {"authentications", readings.LogReach, readings.LogReachSeconds},
			{"sessions", readings.LogEnd, readings.LogEndOutside}, {"authentications", readings.LogEnd, readings.LogEndOutside},
		} {
			state.Findings = append(state.Findings, schema.CarrierFinding{Source: source, ContractID: id, Operation: f[0], Reading: f[1], Value: f[2], ObservedAt: now})
		}
		for _, log := range []string{"session_events", "authentications"} {
			state.Watermarks = append(state.Watermarks, schema.LogWatermark{Source: source, ContractID: id, Log: log, Watermark: now, ObservedAt: now})
		}
	}
	return state
}

// countOwnRadius takes into an inventory how many lines have a RADIUS of their own.
func countOwnRadius(peer *simulator.Carrier, contracts []collector.ContractInventory) {
	for line := range peer.Truth(simulator.TruthQuery{}) {
		for i := range contracts {
			if contracts[i].ID == line.ContractID && line.Session == nil {
				contracts[i].OwnRadius++
			}
		}
	}
}
