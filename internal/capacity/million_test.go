package capacity

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// aMillion is a million lines, or fewer, at ten accounts of 100 contracts, each with what deploy's example of 50,000 may ask, which is enough for each
// line every two hours and for the logs, but not for sessions: of the lines whose contract's log the other process reads, each would be asked.
func aMillion(t *testing.T, lines int, part string) (*config.Config, Inventory) {
	t.Helper()
	cfg := example(t, 50_000)
	like := cfg.Sources[0]
	like.Jobs, like.Schedule = maps.Clone(like.Jobs), config.ScheduleFixed
	for job, interval := range map[string]time.Duration{"traffic": 2 * time.Hour, "session": 0} {
		changed := like.Jobs[job]
		changed.Interval = config.Duration(interval)
		like.Jobs[job] = changed
	}
	cfg.Sources = nil
	for account := range 10 {
		source, settings := like, *like.Settings.(*unom.Settings)
		source.Name, settings.Contracts = fmt.Sprintf("account%d", account), nil
		for contract := range max(1, lines/10_000) { // 1,000 lines each, as many as a list shows
			settings.Contracts = append(settings.Contracts, fmt.Sprintf("N%d%08d", account, contract))
		}
		source.Settings = &settings
		cfg.Sources = append(cfg.Sources, source)
	}
	cfg.Collector.Shard, cfg.Exporter.MaxLines = part, lines
	has, err := Spread(cfg, kinds.All(), Assumed{Lines: lines})
	if err != nil {
		t.Fatal(err)
	}
	return cfg, has
}

// TestTheMillionIsAsPlanned has two processes ask the simulated carriers about 500,000 lines each for some hours of virtual time,
// with the real clients, budgets, collectors and gauges, and lays what they did beside what kaisen plan says:
//
//	KAISEN_MILLION=1 go test ./internal/capacity -run TestTheMillionIsAsPlanned -v -timeout 2h
//
// KAISEN_MILLION=100000 takes a tenth of the lines.
func TestTheMillionIsAsPlanned(t *testing.T) {
	lines := ofMillion(t)
	folder := t.TempDir()
	var both [2]half
	var running sync.WaitGroup
	for i := range both {
		running.Go(func() {
			file := filepath.Join(folder, fmt.Sprint(i))
			run := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHalfAMillion$", "-test.v", "-test.timeout", "0")
			run.Env = append(os.Environ(), fmt.Sprintf("KAISEN_MILLION_PART=%d/2", i+1), "KAISEN_MILLION_FILE="+file)
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
				return
			}
			text, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(text, &both[i])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	if running.Wait(); t.Failed() {
		return
	}
	for i, half := range both {
		part := fmt.Sprintf("%d/2", i+1)
		cfg, has := aMillion(t, lines, part)
		for source, contracts := range half.OwnRadius {
			for n, own := range contracts {
				has.Sources[source].Contracts[n].OwnRadius = own
			}
		}
		plan, err := New(cfg, kinds.All(), has)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(part, func(t *testing.T) { compareWithPlan(t, plan, half) })
	}
}

func ofMillion(t *testing.T) (lines int) {
	t.Helper()
	switch _, err := fmt.Sscan(os.Getenv("KAISEN_MILLION"), &lines); {
	case err != nil:
		t.Skip("KAISEN_MILLION says how many lines; it takes an hour of the processor")
	case lines == 1:
		lines = 1_000_000
	}
	return lines
}

// compareWithPlan prints both, and wants requests and rows to 5 % and memory no higher than planned.
func compareWithPlan(t *testing.T, plan *Plan, is half) {
	t.Helper()
	planned := map[string]float64{}
	var turn float64
	for _, account := range plan.Accounts {
		for _, job := range account.Jobs {
			planned[job.Job] += job.PerHour
			planned["all"] += job.PerHour
			if job.Job == "traffic" {
				turn = max(turn, job.WorstAge)
			}
		}
	}
	var table strings.Builder
	row := func(what, plan, run string) { fmt.Fprintf(&table, "| %s | %s | %s |\n", what, plan, run) }
	var all float64
	for _, n := range is.Asked {
		all += n
	}
	is.Asked["all"] = all
	for _, job := range slices.Sorted(maps.Keys(planned)) {
		row("`"+job+"`", number(planned[job]), number(is.Asked[job]))
		if most := max(0.05*planned[job], 0.001*planned["all"]); math.Abs(is.Asked[job]-planned[job]) > most {
			t.Errorf("%s: %.0f are planned, %.0f were asked", job, planned[job], is.Asked[job])
		}
	}
	size := func(bytes float64) string { return number(bytes / 1e6) }
	s, rows := plan.Sizes, plan.Sizes.SampleRows/2
	row("lines", number(float64(plan.Lines)/2), number(float64(is.Lines)))
	row("from answer to answer, mean; longest", Span(turn), Span(is.Turn)+"; "+Span(is.Worst))
	row("rows of `traffic_samples` a second", rate(rows/86400), rate(is.Rows/86400))
	row("MB of a scrape", size(s.ScrapeBytes), size(is.Scrape))
	row("MB of memory; of the heap alone, collectors and gauges", size(s.ProcessMemory), size(is.Heap))
	row("MB resident at most, the simulated carriers and their logs included", "", size(is.Peak))
	row("seconds of the processor an hour, likewise", "", rate(is.CPU))
	t.Logf("%d lines\n| requests an hour | plan | run |\n| --- | ---: | ---: |\n%s", plan.Lines, table.String())
	if math.Abs(is.Rows-rows) > 0.05*rows {
		t.Errorf("%.0f rows a day are planned, %.0f came", rows, is.Rows)
	}
	if is.Heap > s.ProcessMemory {
		t.Errorf("%.0f MB are planned, the heap alone is %.0f", s.ProcessMemory/1e6, is.Heap/1e6)
	}
}
