package deploy

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const unit = "systemd/kaisen.service"

func needSystemd(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze on this machine")
	}
}

func TestTheUnitIsVerified(t *testing.T) {
	needSystemd(t)
	// The program is looked for on this machine, and the manual page too.
	text := strings.ReplaceAll(read(t, unit), "=/usr/bin/kaisen ", "=/bin/true ")
	out, err := command(t, ".", "systemd-analyze", "verify", "--man=no", write(t, t.TempDir(), "kaisen.service", text))
	if err != nil || strings.TrimSpace(out) != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// It can fail: a slip of the pen is reported.
	slip := write(t, t.TempDir(), "kaisen.service", strings.Replace(text, "ProtectHome=yes", "ProtectHouse=yes", 1))
	if out, _ := exec.Command("systemd-analyze", "verify", "--man=no", slip).CombinedOutput(); !strings.Contains(string(out), "ProtectHouse") {
		t.Errorf("a key that does not exist is not reported: %s", out)
	}
}

// A reload looks at the configuration before the service does, and lets a new secret be read.
func TestTheUnitReloads(t *testing.T) {
	text := read(t, unit)
	_, rights, _ := strings.Cut(text, "ExecStartPre=+/usr/bin/find /etc/kaisen ")
	rights, _, _ = strings.Cut(rights, "\n")
	at := 0
	for _, line := range []string{"ExecReload=+/usr/bin/find /etc/kaisen " + rights, "ExecReload=/usr/bin/kaisen config check --config /etc/kaisen/kaisen.yaml",
		"ExecReload=/bin/sh -c 'kill -HUP $MAINPID'"} {
		next := strings.Index(text[at:], line+"\n")
		if next < 0 {
			t.Fatalf("the unit lacks %s, or has it too early", line)
		}
		at += next
	}
}

// An exposure of 1.5 is the most that the house allows.
func TestTheUnitIsHardened(t *testing.T) {
	needSystemd(t)
	out, err := command(t, ".", "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", unit)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	t.Log(lines[len(lines)-1])
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A wrong configuration is not started again and again, and what may pass is. No code is that of a Go program that panics.
func TestTheUnitGoesByExitCodes(t *testing.T) {
	const again = "Restart=on-failure\n"
	var codes []string
	for _, code := range regexp.MustCompile(`(?m)^\texit(?:Usage|Config) += (\d+)`).FindAllStringSubmatch(read(t, "../cmd/kaisen/main.go"), -1) {
		codes = append(codes, code[1])
	}
	if want := "RestartPreventExitStatus=" + strings.Join(codes, " ") + "\n"; len(codes) != 2 || !strings.Contains(read(t, unit), want) || !strings.Contains(read(t, unit), again) {
		t.Errorf("the unit lacks %q or %q", want, again)
	}
	if slices.Contains(codes, "2") {
		t.Error("a panic would not be started again")
	}
}

// The end of kaisen may take 20 seconds, and whoever stops it gives it more.
func TestWhoStopsKaisenWaits(t *testing.T) {
	for file, setting := range map[string]string{
		unit:                                     `(?m)^TimeoutStopSec=(\d+)s$`,
		"helm/kaisen/templates/statefulset.yaml": `terminationGracePeriodSeconds: (\d+)`,
		"compose/compose.yaml":                   `stop_grace_period: (\d+)s\n`,
	} {
		found := regexp.MustCompile(setting).FindAllStringSubmatch(read(t, file), -1)
		if len(found) == 0 {
			t.Errorf("%s: nothing is like %s", file, setting)
		}
		for _, f := range found {
			if seconds, err := strconv.Atoi(f[1]); err != nil || seconds < 25 {
				t.Errorf("%s: %s", file, f[0])
			}
		}
	}
}
