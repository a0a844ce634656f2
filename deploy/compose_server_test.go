package deploy

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The release of the server is that of the embedded engine, with which kaisen's tests run.
func TestComposeHasTheClickHouseThatIsTested(t *testing.T) {
	engine := regexp.MustCompile(`const Version = "(\d+\.\d+)`).FindStringSubmatch(read(t, "../internal/chdb/library.go"))
	if engine == nil {
		t.Fatal("internal/chdb no longer says its version as it did")
	}
	if image := compose(t, "").Services["clickhouse"].Image; image != "clickhouse/clickhouse-server:"+engine[1] {
		t.Errorf("image %s, tested is %s", image, engine[1])
	}
}

// An account that the image makes may do everything; kaisen's is made by a file, with the grants of its roles, which
// TestComposeGrants of schema compares.
func TestComposeGivesKaisenItsRightsAlone(t *testing.T) {
	p := compose(t, "")
	server := p.Services["clickhouse"]
	for name := range server.Environment {
		if strings.HasPrefix(name, "CLICKHOUSE_") && name != "CLICKHOUSE_DB" {
			t.Errorf("%s lets the image make an account", name)
		}
	}
	for name, want := range map[string]string{
		"kaisen.xml":  "<grants>",
		"grafana.xml": "<grants>",
		"local.xml":   `<networks replace="replace"><ip>127.0.0.1</ip><ip>::1</ip></networks>`,
	} {
		mounted := server.inContainer("/etc/clickhouse-server/users.d/" + name)
		exists(t, "clickhouse", mounted)
		if text := read(t, "compose/clickhouse/"+name); !strings.Contains(text, want) || filepath.Base(mounted) != name {
			t.Errorf("%s does not say %s", name, want)
		}
	}
	start := fmt.Sprint(server.Entrypoint)
	for _, password := range regexp.MustCompile(`from_env="(\w+)"`).FindAllStringSubmatch(read(t, "compose/clickhouse/kaisen.xml")+read(t, "compose/clickhouse/grafana.xml"), -1) {
		if !strings.Contains(start, "export "+password[1]+"=") {
			t.Errorf("nobody sets %s: %s", password[1], start)
		}
	}
}

// What ClickHouse writes about itself does not fill the disk.
func TestComposeForgetsClickHousesLogs(t *testing.T) {
	exists(t, "clickhouse", compose(t, "").Services["clickhouse"].inContainer("/etc/clickhouse-server/config.d/logs.xml"))
	var config struct {
		Sections []struct {
			XMLName xml.Name
			TTL     string `xml:"ttl"`
			Remove  string `xml:"remove,attr"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(read(t, "compose/clickhouse/logs.xml")), &config); err != nil {
		t.Fatal(err)
	}
	kept := make(map[string]bool)
	for _, section := range config.Sections {
		kept[section.XMLName.Local] = strings.HasPrefix(section.TTL, "event_date + INTERVAL ") || section.Remove == "1"
	}
	for _, name := range []string{"query_log", "query_thread_log", "query_views_log", "part_log", "trace_log", "text_log", "metric_log",
		"asynchronous_metric_log", "processors_profile_log", "error_log", "query_metric_log", "background_schedule_pool_log"} {
		if !kept[name] {
			t.Errorf("%s grows for ever", name)
		}
	}
}

// The image says which version it is, in its name and to whom asks kaisen itself.
func TestComposeSaysItsVersion(t *testing.T) {
	p := compose(t, "KAISEN_VERSION=1.2.3\nKAISEN_REVISION=cafe")
	kaisen := p.Services["kaisen"]
	if kaisen.Image != "kaisen:1.2.3" || p.Services["simulator"].Image != kaisen.Image {
		t.Errorf("images %s and %s", kaisen.Image, p.Services["simulator"].Image)
	}
	if args := kaisen.Build.Args; args["VERSION"] != "v1.2.3" || args["REVISION"] != "cafe" {
		t.Errorf("built with %v", args)
	}
	made := must(t, "..", "make", "--no-print-directory", "--dry-run", "compose", "VERSION=v1.2.3", "REVISION=cafe", "ENV=simulator.env")
	for _, want := range []string{"KAISEN_VERSION='1.2.3'", "KAISEN_REVISION='cafe'", "--env-file 'simulator.env'"} {
		if !strings.Contains(made, want) {
			t.Errorf("make compose does not say %s: %s", want, made)
		}
	}
}

// A host with SELinux keeps a container from files of the host that are not labelled for it.
func TestComposeLabelsItsFiles(t *testing.T) {
	for name, s := range compose(t, "").Services {
		for _, v := range s.Volumes {
			if v.Type == "bind" && v.Bind.SELinux != "z" {
				t.Errorf("%s: %s is mounted without :z", name, v.Target)
			}
		}
	}
}
