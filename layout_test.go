// Package kaisen_test keeps the house rules that no compiler keeps: which package may import which, and how the code
// looks. It tests no behaviour.
package kaisen_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// pkg is what go list has of a package of ours; Deps are all the packages that end up in its binary.
type pkg struct {
	ImportPath                               string
	Imports, TestImports, XTestImports, Deps []string
}

// room is a folder with what it may import of ours: a path, or with /... everything below it too. Tests may import
// more, because a real peer beats an imitation.
type room struct {
	folder string
	may    []string
	tests  []string
}

// rooms goes from the top of the house to its foundation. Collector, exporter and schema/clickhouse never import one
// another: they meet in internal/app through interfaces that the consumer declares.
func rooms() []room {
	everything := []string{"collector/...", "exporter/...", "schema/...", "internal/..."}
	// A kind knows the engine, the client, and the rooms below it: none knows another.
	ofKind := func(name string) []string {
		return []string{"collector", "collector/carrier/...", "collector/probing", "collector/schedule", "collector/" + name + "/...", "schema"}
	}
	kindTests := []string{"collector/collectortest", "internal/simulator/..."}
	return []room{
		{folder: "cmd/kaisen", may: everything, tests: everything},
		{folder: "internal/app", may: everything, tests: everything},
		{folder: "internal/config", may: []string{"collector", "collector/carrier", "exporter", "exporter/fleet", "exporter/linelabel", "internal/chdb", "internal/labels", "internal/spool", "schema"},
			tests: []string{"collector/...", "internal/kinds"}},
		{folder: "internal/capacity", may: []string{"collector", "collector/schedule", "internal/config", "internal/volume"}, tests: everything},
		{folder: "internal/kinds", may: []string{"collector/..."}},
		{folder: "collector/carrier", may: []string{"collector/carrier/ratelimit", "internal/wait", "schema"}, tests: []string{"internal/simulator/...", "internal/wait/waittest"}},
		{folder: "collector/carrier/ratelimit"},
		{folder: "internal/simulator", may: simulated("calendar", "fleet", "gateway", "ipoe", "serviceorder", "unom", "wire"),
			tests: []string{"internal/simulator/..."}},
		{folder: "internal/simulator/unom", may: simulated("calendar", "chance", "fleet", "gateway", "wire"),
			tests: []string{"internal/simulator/..."}},
		{folder: "internal/simulator/serviceorder", may: simulated("calendar", "chance", "gateway", "wire"),
			tests: []string{"internal/simulator/..."}},
		{folder: "internal/simulator/ipoe", may: simulated("calendar", "chance", "gateway", "wire"),
			tests: []string{"internal/simulator/..."}},
		{folder: "internal/simulator/fleet", may: simulated("calendar", "chance")},
		{folder: "internal/simulator/gateway", may: simulated("chance", "wire"), tests: []string{"internal/simulator/..."}},
		{folder: "internal/simulator/wire"},
		{folder: "internal/simulator/calendar"},
		{folder: "internal/simulator/chance"},
		{folder: "internal/simulator/simulatortest", may: []string{"internal/simulator"}},
		{folder: "collector/unom/probe", may: []string{"collector", "collector/carrier", "collector/unom/api", "collector/unom/days", "collector/unom/logs", "collector/unom/readings", "collector/probing", "schema"},
			tests: []string{"collector/unom"}},
		{folder: "collector/unom/logs", may: []string{"collector", "collector/carrier", "collector/unom/api", "collector/unom/readings", "schema"},
			tests: []string{"collector/carrier/lenient", "collector/collectortest"}},
		{folder: "collector/unom/readings", may: []string{"schema"}},
		{folder: "collector/unom/days", may: []string{"schema"}, tests: []string{"collector/unom/days/daystest"}},
		{folder: "collector/unom/days/daystest", may: []string{"schema"}},
		{folder: "collector/unom/api", may: []string{"collector/carrier/...", "schema"}, tests: []string{"internal/simulator/..."}},
		{folder: "collector/carrier/lenient", may: []string{"collector/carrier", "schema"}},
		{folder: "collector/carrier/lenient/lenienttest", may: []string{"collector/carrier"}},
		{folder: "collector/ipoe/api", may: []string{"collector/carrier/...", "schema"},
			tests: []string{"collector/carrier/...", "internal/simulator/..."}},
		{folder: "collector/serviceorder/api", may: []string{"collector/carrier/...", "schema"},
			tests: []string{"collector/carrier/...", "internal/simulator/..."}},
		{folder: "collector", may: []string{"collector/carrier", "collector/probing", "collector/schedule", "internal/wait", "schema"}, tests: []string{"collector/collectortest", "internal/wait/waittest"}},
		{folder: "collector/probing", may: []string{"collector/carrier", "schema"}},
		{folder: "collector/schedule", may: []string{"schema"}},
		{folder: "collector/schedule/proof", may: []string{"collector/schedule", "internal/simulator/chance", "schema"}, tests: []string{"internal/simulator/..."}},
		{folder: "collector/collectortest", may: []string{"collector", "collector/carrier", "schema"}},
		{folder: "collector/unom", may: ofKind("unom"), tests: kindTests},
		{folder: "collector/serviceorder", may: ofKind("serviceorder"), tests: kindTests},
		{folder: "collector/ipoe", may: ofKind("ipoe"), tests: kindTests},
		{folder: "exporter", may: []string{"exporter/exposition", "exporter/fleet", "exporter/page", "internal/csvtext", "schema"},
			tests: []string{"exporter/fleet/fleettest", "exporter/linelabel"}},
		{folder: "exporter/page", may: []string{"exporter/fleet", "internal/volume", "schema"}},
		{folder: "exporter/linelabel", may: []string{"schema"}},
		{folder: "exporter/fleet", may: []string{"exporter/exposition", "exporter/linelabel", "schema"}, tests: []string{"exporter/fleet/fleettest"}},
		{folder: "exporter/fleet/fleettest", may: []string{"schema"}},
		{folder: "exporter/exposition", tests: []string{"exporter/fleet/...", "schema"}},
		{folder: "internal/backup", may: []string{"internal/sqltext", "schema/clickhouse"}, tests: []string{"internal/chdb/...", "schema/clickhouse/transfer/..."}},
		{folder: "internal/benchtable"},
		{folder: "internal/csvtext"},
		{folder: "internal/disktest"},
		{folder: "internal/labels", may: []string{"internal/wait", "schema"}},
		{folder: "internal/envtest"},
		{folder: "internal/porttest"},
		{folder: "internal/racetest"},
		{folder: "internal/report", may: []string{"internal/csvtext", "internal/volume"}, tests: everything},
		{folder: "internal/sqltext"},
		{folder: "internal/volume"},
		{folder: "internal/wait", tests: []string{"internal/wait/..."}},
		{folder: "internal/wait/waittest"},
		{folder: "schema/clickhouse", may: []string{"internal/sqltext", "schema"}, tests: []string{"internal/chdb/...", "internal/disktest", "schema/clickhouse/transfer"}},
		{folder: "schema/clickhouse/transfer", may: []string{"internal/sqltext", "schema/clickhouse"}, tests: []string{"internal/chdb/...", "schema/clickhouse/transfer/..."}},
		{folder: "schema/clickhouse/transfer/transfertest", may: []string{"schema", "schema/clickhouse"}},
		{folder: "internal/chdb", may: []string{"internal/sqltext", "internal/wait"}, tests: []string{"internal/chdb/...", "internal/porttest"}},
		{folder: "internal/chdb/chdbtest", may: []string{"internal/chdb", "internal/porttest", "internal/wait"}},
		{folder: "internal/chdb/fetchengine", may: []string{"internal/chdb"}},
		{folder: "internal/spool", may: []string{"internal/wait", "schema"}, tests: []string{"internal/wait/waittest"}},
		{folder: "schema"},
		{folder: "deploy", tests: []string{"collector/unom", "internal/config", "internal/kinds", "internal/porttest", "internal/wait"}},
		{folder: "dashboards", tests: everything},
		{folder: "deploy/prometheus", tests: []string{"internal/porttest"}},
		{folder: "deploy/alertmanager"},
		{folder: "deploy/e2e", tests: []string{"internal/simulator/..."}},
		{folder: "deploy/runbooks", tests: []string{"internal/chdb/chdbtest", "schema/clickhouse"}},
	}
}

// simulated are rooms of the simulated carrier, which imports nothing else of ours, least of all a decoder: what kaisen
// and its simulator both believe, nobody has checked.
func simulated(rooms ...string) []string {
	var folders []string
	for _, room := range rooms {
		folders = append(folders, "internal/simulator/"+room)
	}
	return folders
}

func TestImportsGoOneWay(t *testing.T) {
	rules := map[string]room{}
	for _, room := range rooms() {
		room.tests = append(room.tests, "internal/envtest", "internal/racetest")
		rules["kaisen/"+room.folder] = room
	}
	packages := list(t)
	for _, p := range packages {
		rule, known := rules[p.ImportPath]
		if !known && p.ImportPath != "kaisen" {
			t.Errorf("%s has no rule: say in rooms what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if ours(imported) && !allowed(imported, rule.may) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
		for _, imported := range append(p.TestImports, p.XTestImports...) {
			if ours(imported) && imported != p.ImportPath && !allowed(imported, rule.may) && !allowed(imported, rule.tests) {
				t.Errorf("a test of %s imports %s", p.ImportPath, imported)
			}
		}
	}
	if len(packages) < len(rules) {
		t.Errorf("%d packages, but rules for %d", len(packages), len(rules))
	}
}

// TestRoomsNeverMeet looks at whole binaries: what would reach the other by a detour.
func TestRoomsNeverMeet(t *testing.T) {
	apart := []string{"kaisen/collector", "kaisen/exporter", "kaisen/schema/clickhouse"}
	for _, p := range list(t) {
		for _, one := range apart {
			for _, other := range apart {
				if one != other && within(p.ImportPath, one) && containsWithin(p.Deps, other) {
					t.Errorf("%s depends on %s", p.ImportPath, other)
				}
			}
		}
	}
}

// TestLibrariesStayAtHome: a library that can be exchanged is one that a single package knows.
func TestLibrariesStayAtHome(t *testing.T) {
	homes := map[string][]string{
		"github.com/knadh/koanf":                            {"internal/config"},
		"github.com/invopop/jsonschema":                     {"internal/config"},
		"github.com/spf13/cobra":                            {"cmd/kaisen"},
		"golang.org/x/oauth2":                               {"collector/carrier"},
		"github.com/ebitengine/purego":                      {"internal/chdb"},
		"github.com/prometheus/exporter-toolkit":            {"exporter"},
		"github.com/ClickHouse/clickhouse-go/v2":            {"schema/clickhouse", "internal/chdb"},
		"github.com/ClickHouse/clickhouse-go/v2/lib/driver": {"schema/clickhouse"},
	}
	for _, p := range list(t) {
		for _, imported := range p.Imports {
			for library, home := range homes {
				if within(imported, library) && !allowed(p.ImportPath, home) {
					t.Errorf("%s imports %s, whose home is %s", p.ImportPath, imported, strings.Join(home, " and "))
				}
			}
			if p.ImportPath == "kaisen/internal/chdb" && imported == "github.com/ClickHouse/clickhouse-go/v2" {
				t.Errorf("%s imports the client; it needs the block format alone, lib/proto", p.ImportPath)
			}
		}
	}
}

// list asks the go command for every package of the module.
func list(t *testing.T) []pkg {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	var failure strings.Builder
	command.Stderr = &failure
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, failure.String())
	}
	var packages []pkg
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func ours(path string) bool { return within(path, "kaisen") }

// within reports whether path is folder or below it.
func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func containsWithin(paths []string, folder string) bool {
	for _, path := range paths {
		if within(path, folder) {
			return true
		}
	}
	return false
}

// allowed reports whether a path of ours is among those named.
func allowed(path string, named []string) bool {
	for _, name := range named {
		folder, below := strings.CutSuffix("kaisen/"+name, "/...")
		if path == folder || below && within(path, folder) {
			return true
		}
	}
	return false
}
