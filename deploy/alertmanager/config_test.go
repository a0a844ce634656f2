// Package alertmanager tests what this folder holds, with the Alertmanager and the amtool that people run: that the
// configuration is valid, who is notified of what, what is left unsaid, and how it reads. It offers nothing to other
// packages.
package alertmanager

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// look finds a program under one of its names.
func look(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not on the PATH: install it (Debian: apt-get install prometheus-alertmanager), or run make test, which fetches it", names[0])
	return ""
}

// amtool runs amtool and returns what it prints; it must succeed.
func amtool(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.Command(look(t, "amtool"), args...)
	command.Env = append(os.Environ(), "TZ=Asia/Tokyo")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("amtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write makes a configuration in a folder of its own, beside the templates it names.
func write(t *testing.T, config string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "templates"), os.DirFS("templates")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigIsValid(t *testing.T) {
	amtool(t, "check-config", "alertmanager.yml")
}

// What stands in the file as an example works once its # is taken away.
func TestExamplesAreValid(t *testing.T) {
	example := regexp.MustCompile(`(?m)^( *)#(\S| {2})`)
	config := read(t, "alertmanager.yml")
	if n := len(example.FindAllString(config, -1)); n < 15 {
		t.Fatalf("%d lines of examples: are they marked otherwise now?", n)
	}
	amtool(t, "check-config", write(t, example.ReplaceAllString(config, "$1$2")))
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct{ labels, receivers string }{
		{"alertname=KaisenLineNearCap severity=critical source=hq contract_id=N123456789 line_no=09012345678", "page"},
		{"alertname=KaisenLineNearCap severity=critical source=hq contract_id=N000000000 line_no=09012345678", "page-of-a-contract"},
		{"alertname=KaisenLineNearCap severity=warning source=hq contract_id=N000000000 line_no=09012345678", "chat"},
		{"alertname=KaisenLineNearCap severity=warning source=hq contract_id=N123456789 line_no=09012345678", "chat"},
		{"alertname=KaisenLineRoaming severity=info source=hq contract_id=N123456789 line_no=09012345678", "digest"},
		{"alertname=KaisenLineStorm severity=critical area=line source=hq contract_id=N123456789 of=KaisenLineNearCap", "page"},
		{"alertname=KaisenLineStorm severity=warning area=line source=hq contract_id=N123456789 of=KaisenLineSilent", "chat"},
		{"alertname=KaisenLineStormGrows severity=info area=line source=hq contract_id=N123456789 of=KaisenLineSilent", "storm-digest"},
		{"alertname=KaisenCarrierFailing severity=critical area=kaisen source=hq", "page"},
		{"alertname=KaisenAbsent severity=critical", "page"},
		{"alertname=KaisenThrottled severity=warning source=hq", "chat"},
		{"alertname=Watchdog severity=none area=watchdog", "deadman"},
		{"alertname=SomebodyElses", "chat"},
	} {
		args := []string{"config", "routes", "test", "--config.file=alertmanager.yml", "--verify.receivers=" + c.receivers}
		amtool(t, append(args, strings.Fields(c.labels)...)...)
	}
}

// TestTheWatchdogIsToldEachMinute: what a dead man's switch misses must come often, whatever else was told, and to nobody else.
func TestTheWatchdogIsToldEachMinute(t *testing.T) {
	var config struct {
		Route struct {
			Routes []struct {
				Matchers       []string
				Receiver       string
				GroupWait      string `yaml:"group_wait"`
				GroupInterval  string `yaml:"group_interval"`
				RepeatInterval string `yaml:"repeat_interval"`
				Continue       bool
			}
		}
		Inhibitions []struct {
			Targets []string `yaml:"target_matchers"`
		} `yaml:"inhibit_rules"`
		Receivers []struct {
			Name     string
			Webhooks []struct {
				SendResolved *bool `yaml:"send_resolved"`
			} `yaml:"webhook_configs"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "alertmanager.yml")), &config); err != nil {
		t.Fatal(err)
	}
	first := config.Route.Routes[0]
	if !slices.Equal(first.Matchers, []string{`alertname="Watchdog"`}) || first.Continue ||
		first.GroupWait != "0s" || first.GroupInterval != "1m" || first.RepeatInterval != "50s" {
		t.Errorf("the first route is %+v", first)
	}
	for _, route := range config.Route.Routes[1:] {
		if route.Receiver == first.Receiver {
			t.Errorf("%v goes to the dead man's switch, which would take it for the watchdog", route.Matchers)
		}
	}
	for _, receiver := range config.Receivers {
		if receiver.Name == first.Receiver && (len(receiver.Webhooks) == 0 || receiver.Webhooks[0].SendResolved == nil || *receiver.Webhooks[0].SendResolved) {
			t.Error("the dead man's switch would be told of the end as of a sign of life")
		}
	}
}

// TestNamesAreThoseOfRules: an inhibition of an alert that was renamed would say nothing and do nothing.
func TestNamesAreThoseOfRules(t *testing.T) {
	files, err := filepath.Glob("../prometheus/rules/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d rule files, error %v", len(files), err)
	}
	var alerts []string
	for _, file := range files {
		for _, match := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, file), -1) {
			alerts = append(alerts, match[1])
		}
	}
	names := regexp.MustCompile(`\bKaisen[A-Z]\w*`).FindAllString(read(t, "alertmanager.yml"), -1)
	for _, name := range names {
		if !slices.Contains(alerts, name) {
			t.Errorf("alertmanager.yml speaks of %s, which no rule fires", name)
		}
	}
	if len(names) < 20 {
		t.Errorf("%d names found", len(names))
	}
}
