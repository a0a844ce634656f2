package deploy

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// composeSpec is the Compose project's own reader of its files: it knows the schema and what refers to what.
const composeSpec = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"

// project is a compose file as docker would understand it.
type project struct {
	Services map[string]service
	Secrets  map[string]struct{ File string }
}

type service struct {
	Image       string
	Build       *build
	Entrypoint  []string
	Command     []string
	Environment map[string]string
	Profiles    []string
	DependsOn   map[string]struct{ Condition string } `json:"depends_on"`
	Ports       []struct{ Host_IP, Published string }
	Secrets     []struct{ Source, Target string }
	Volumes     []volume
	Healthcheck *struct {
		Test    []string
		Disable bool
	}
}

type build struct {
	Context, Dockerfile, Target string
	Args                        map[string]string
}

type volume struct {
	Type, Source, Target string
	Bind                 struct{ SELinux string }
}

// compose reads the compose file with the variables of an .env file, which the reader leaves to docker.
func compose(t *testing.T, environment string) project {
	t.Helper()
	values := make(map[string]string)
	for line := range strings.Lines(environment) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = value
	}
	variable := regexp.MustCompile(`\$\{(\w+):-(.*?)\}`)
	text := variable.ReplaceAllStringFunc(read(t, "compose/compose.yaml"), func(found string) string {
		parts := variable.FindStringSubmatch(found)
		return cmp.Or(values[parts[1]], parts[2])
	})
	out, err := newTool(t, composeSpec).run("compose", "-format", "json", write(t, t.TempDir(), "compose.yaml", text))
	if err != nil {
		t.Fatalf("compose.yaml: %v\n%s", err, out)
	}
	var p project
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	return p
}

// inContainer is the file on this machine that a container sees at a path, "" where it is in no mount.
func (s service) inContainer(path string) string {
	var mount volume
	for _, v := range s.Volumes {
		if v.Type == "bind" && len(v.Target) > len(mount.Target) && (path == v.Target || strings.HasPrefix(path, v.Target+"/")) {
			mount = v
		}
	}
	if mount.Target == "" {
		return ""
	}
	return mount.Source + strings.TrimPrefix(path, mount.Target)
}

func TestCompose(t *testing.T) {
	p := compose(t, "")
	for name, s := range p.Services {
		if len(s.Profiles) == 0 && s.Build == nil && !regexp.MustCompile(`:v?\d+\.\d+`).MatchString(s.Image) {
			t.Errorf("%s: image %s has no version", name, s.Image)
		}
		if s.Build == nil && (s.Healthcheck == nil || s.Healthcheck.Disable) {
			t.Errorf("%s has no health check", name)
		}
		for _, port := range s.Ports {
			if port.Host_IP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to the network", name, port.Published)
			}
		}
		for _, v := range s.Volumes {
			if _, err := os.Stat(v.Source); v.Type == "bind" && err != nil {
				t.Errorf("%s mounts what is not there: %v", name, err)
			}
		}
		for _, argument := range s.Command {
			if _, path, found := strings.Cut(argument, "config.file="); found {
				exists(t, name, s.inContainer(path))
			}
		}
	}
	for name, want := range map[string]string{"kaisen": "/etc/kaisen/kaisen.yaml", "grafana": "/etc/grafana/provisioning/datasources/kaisen.yaml",
		"prometheus": "/etc/prometheus/rules", "alertmanager": "/etc/alertmanager/templates"} {
		exists(t, name, p.Services[name].inContainer(want))
	}
	exists(t, "the image of kaisen", filepath.Join(p.Services["kaisen"].Build.Context, p.Services["kaisen"].Build.Dockerfile))
}

func exists(t *testing.T, who, path string) {
	t.Helper()
	if _, err := os.Stat(path); path == "" || err != nil {
		t.Errorf("%s needs a file that is not mounted: %v", who, err)
	}
}

// Names of services are addresses: what one file says of another must be there.
func TestComposeNamesFit(t *testing.T) {
	p := compose(t, read(t, "compose/simulator.env"))
	named := map[string]string{ // where it is said, and who is meant
		"http://prometheus:9090":   read(t, "grafana/provisioning/datasources/kaisen.yaml"),
		"http://alertmanager:9093": read(t, "grafana/provisioning/datasources/kaisen.yaml"),
		"host: clickhouse":         read(t, "grafana/provisioning/datasources/kaisen.yaml"),
		"http://simulator:8124":    read(t, "compose/simulator.yaml"),
		"[kaisen:10842]":           read(t, "prometheus/targets/compose/kaisen.yml"),
		"[alertmanager:9093]":      read(t, "prometheus/targets/compose/alertmanager.yml"),
		"@clickhouse:9000/":        read(t, "compose/secrets.sh"),
	}
	for words, where := range named {
		service := regexp.MustCompile(`prometheus|alertmanager|clickhouse|simulator|kaisen`).FindString(words)
		if _, known := p.Services[service]; !known || !strings.Contains(where, words) {
			t.Errorf("%s: service %v, said in\n%s", words, known, where)
		}
	}
	grafana := p.Services["grafana"]
	provider := decode[struct {
		Providers []struct{ Options struct{ Path string } }
	}](t, read(t, "grafana/provisioning/dashboards/kaisen.yaml"))
	exists(t, "grafana", grafana.inContainer(provider.Providers[0].Options.Path))
	for _, file := range regexp.MustCompile(`/run/secrets/([\w-]+)`).FindAllStringSubmatch(read(t, "grafana/provisioning/datasources/kaisen.yaml"), -1) {
		if !slices.ContainsFunc(grafana.Secrets, func(s struct{ Source, Target string }) bool { return s.Source == file[1] }) {
			t.Errorf("grafana has no secret %s", file[1])
		}
	}
	if got := filepath.Base(p.Services["kaisen"].inContainer("/etc/kaisen/kaisen.yaml")); got != "simulator.yaml" {
		t.Errorf("with simulator.env, kaisen reads %s", got)
	}
}

// The script makes every secret that the compose file names, from the carrier's alone, and changes none that is there.
func TestComposeSecrets(t *testing.T) {
	p := compose(t, "")
	folder := t.TempDir()
	must(t, ".", "bash", "-c", `echo from-the-carrier | compose/secrets.sh "$1"`, "_", folder)
	if out, err := command(t, ".", "bash", "-c", `compose/secrets.sh "$1" </dev/null`, "_", t.TempDir()); err == nil || !strings.Contains(out, "secrets/client-secret") {
		t.Errorf("without a client secret: %v %s", err, out)
	}
	before := make(map[string]string)
	for name, secret := range p.Secrets {
		before[name] = read(t, filepath.Join(folder, "secrets", filepath.Base(secret.File)))
	}
	must(t, ".", "bash", "-c", `echo another | compose/secrets.sh "$1"`, "_", folder)
	for name, secret := range p.Secrets {
		if again := read(t, filepath.Join(folder, "secrets", filepath.Base(secret.File))); again != before[name] {
			t.Errorf("%s was changed", name)
		}
	}
	if before["client-secret"] != "from-the-carrier\n" || len(before["grafana-password"]) < 30 || before["grafana-password"] == before["clickhouse-password"] {
		t.Errorf("secrets %v", before)
	}
	if want := "clickhouse://kaisen:" + strings.TrimSpace(before["clickhouse-password"]) + "@clickhouse:9000/kaisen\n"; before["clickhouse-dsn"] != want {
		t.Errorf("dsn %s, want %s", before["clickhouse-dsn"], want)
	}
	if info, err := os.Stat(filepath.Join(folder, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the secrets is open: %v %v", info.Mode(), err)
	}
}
