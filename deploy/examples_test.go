package deploy

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// load reads a configuration whose secrets lie elsewhere than on this machine: each file below the given folders is
// made in a folder of the test's.
func load(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	folder := t.TempDir()
	for _, path := range regexp.MustCompile(`/(etc/kaisen|run/secrets)/[\w./-]+`).FindAllString(text, -1) {
		content := "secret"
		if filepath.Base(path) == "dsn" || filepath.Base(path) == "clickhouse-dsn" {
			content = "clickhouse://kaisen:secret@db:9440/kaisen?secure=true"
		}
		text = strings.ReplaceAll(text, path+"\n", write(t, folder, filepath.Base(path), content)+"\n")
		text = strings.ReplaceAll(text, path+" ", filepath.Join(folder, filepath.Base(path))+" ")
	}
	return config.Load(kinds.All(), write(t, folder, "kaisen.yaml", text), nil, nil)
}

func TestExamplesAreGood(t *testing.T) {
	examples, err := filepath.Glob("examples/*-lines.yaml")
	if err != nil || len(examples) != 3 {
		t.Fatalf("%d examples, error %v", len(examples), err)
	}
	for _, path := range append(examples, "kaisen.example.yaml", "compose/kaisen.yaml", "compose/simulator.yaml") {
		cfg, err := load(t, read(t, path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := cfg.RequireSources(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What the package installs is not complete: it says what is missing, and nothing else is wrong with it.
func TestThePackagesConfigurationAsksForWhatIsMissing(t *testing.T) {
	_, err := load(t, read(t, "debian/kaisen.yaml"))
	for _, want := range []string{"sources[0].client_id: missing", "sources[0].contracts: empty"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if lines := strings.Count(fmt.Sprint(err), "sources[0]."); lines != 2 {
		t.Errorf("%d mistakes, want 2: %v", lines, err)
	}
}

// The comment of each example calculates what it asks of the carrier; here it is calculated again, from the intervals
// that are in force.
func TestTheArithmeticOfTheExamples(t *testing.T) {
	for _, lines := range []int{50, 1000, 50000} {
		path := fmt.Sprintf("examples/%d-lines.yaml", lines)
		text := read(t, path)
		cfg, err := load(t, text)
		if err != nil {
			t.Fatal(err)
		}
		source := cfg.Sources[0] // the others are like it
		perHour := func(job string) float64 {
			if interval := time.Duration(source.Jobs[job].Interval); interval > 0 {
				return float64(time.Hour) / float64(interval)
			}
			return 0
		}
		each := float64(lines / len(cfg.Sources))
		requests := each*(perHour("traffic")+perHour("session")) +
			float64(len(source.Settings.(*unom.Settings).Contracts))*(perHour("authentications")+perHour("sessions")+perHour("data_share")+perHour("lines")+2*perHour("orders"))
		perSecond := requests / 3600
		share := perSecond / source.RateLimit.RequestsPerSecond
		if share > 0.8 {
			t.Errorf("%s asks for %.0f %% of its rate limit, which leaves too little for catching up", path, 100*share)
		}
		want := fmt.Sprintf("%s an hour (and 4 more for each line that shares its data), %.1f a second: %.0f %% of what rate_limit",
			thousands(requests), perSecond, 100*share)
		if said := strings.Join(strings.Fields(strings.ReplaceAll(text, "\n#", " ")), " "); !strings.Contains(said, want) {
			t.Errorf("%s does not say: %s", path, want)
		}
	}
}

// thousands writes 8062 as 8,062.
func thousands(n float64) string {
	text := strconv.Itoa(int(math.Round(n)))
	if len(text) > 3 {
		return text[:len(text)-3] + "," + text[len(text)-3:]
	}
	return text
}

func TestTheReadmesConfigurationsAreGood(t *testing.T) {
	web := regexp.MustCompile("(?s)```yaml\n(exporter:.*?)```").FindStringSubmatch(read(t, "README.md"))
	if web == nil {
		t.Fatal("README.md shows no web_config_file")
	}
	if _, err := load(t, web[1]); err != nil {
		t.Error(err)
	}
}

func TestNoSecretLiesHere(t *testing.T) {
	for _, folder := range []string{"compose/secrets", "alertmanager/secrets"} {
		if _, err := os.Stat(folder); err == nil {
			if out := must(t, ".", "git", "ls-files", folder); out != "" {
				t.Errorf("in the repository: %s", out)
			}
		}
	}
}
