package deploy

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// operatorModule has the custom resource definitions of the Prometheus operator, as files.
const operatorModule = "github.com/prometheus-operator/prometheus-operator@v0.94.1"

// everything turns on what the chart has.
const everything = `
shards: 2
webConfigSecret: web
serviceMonitor: {enabled: true, labels: {release: prometheus}, relabelings: [{targetLabel: cluster, replacement: tokyo}]}
prometheusRule: {enabled: true}
dashboards: {enabled: true, annotations: {grafana_folder: kaisen}}
migrate: {enabled: true, existingSecret: admin}
networkPolicy: {enabled: true, from: [{namespaceSelector: {}}], egress: [{ports: [{port: 443}]}]}
ingress: {enabled: true, className: nginx, hosts: [one.example, two.example], tls: [{secretName: tls, hosts: [one.example, two.example]}]}
probes: {readinessHTTP: {scheme: HTTPS}}
extraEnv: [{name: HTTPS_PROXY, value: "http://proxy.example:3128"}]
extraVolumes: [{name: labels, configMap: {name: kaisen-labels}}]
extraVolumeMounts: [{name: labels, mountPath: /etc/kaisen-labels, readOnly: true}]
topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]
config:
  sources:
    - {name: hq, client_id: x, client_secret_file: /run/secrets/kaisen/client-secret, contracts: [N123456789]}
  store: {kind: clickhouse, dsn_file: /run/secrets/kaisen/clickhouse-dsn}
  exporter: {hosts: [one.example, two.example]}
`

// definitions are the files of the operator's definitions that the chart uses.
func definitions(t *testing.T) []string {
	t.Helper()
	out, err := command(t, t.TempDir(), "env", "GOFLAGS=", "go", "mod", "download", "-json", operatorModule)
	if err != nil && unreachable(out) {
		t.Skipf("the operator's definitions cannot be had here: %s", out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &module); err != nil || module.Dir == "" {
		t.Fatalf("%v in %s", err, out)
	}
	folder := filepath.Join(module.Dir, "example", "prometheus-operator-crd", "monitoring.coreos.com_")
	return []string{folder + "prometheusrules.yaml", folder + "servicemonitors.yaml"}
}

// The objects are held against Kubernetes' own types and the operator's definitions, as a cluster would, for the oldest
// version that the chart allows, one between and the newest.
func (c chart) isTaken() {
	t := c.t
	validate := buildBeside(t, "helm/validate")
	crds := definitions(t)
	for _, kubernetes := range []string{"1.28", "1.33", "1.37"} {
		for _, values := range []string{account, everything} {
			text, err := c.text(kubernetes, values)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := validate.run(".", append([]string{write(t, t.TempDir(), "objects.yaml", text)}, crds...)...); err != nil {
				t.Errorf("Kubernetes %s: %s", kubernetes, out)
			}
		}
	}
	for _, example := range []string{"examples/backup-cronjob.yaml", "examples/restore-pod.yaml"} {
		if out, err := validate.run(".", example); err != nil {
			t.Errorf("%s: %s", example, out)
		}
	}
	// It can fail: the rules as Prometheus takes them, and a slip of the pen.
	text, err := c.text("1.37", everything)
	if err != nil {
		t.Fatal(err)
	}
	for _, slip := range []struct{ from, to, want string }{
		{`(?m)^( *expr: )"([0-9.]+)"$`, "${1}${2}", "got number, want string"},
		{`honorLabels`, "honourLabels", "additional properties 'honourLabels' not allowed"},
		{`readinessProbe`, "readynessProbe", `unknown field "readynessProbe"`},
	} {
		broken := regexp.MustCompile(slip.from).ReplaceAllString(text, slip.to)
		out, err := validate.run(".", append([]string{write(t, t.TempDir(), "objects.yaml", broken)}, crds...)...)
		if err == nil || !strings.Contains(out, slip.want) {
			t.Errorf("%s is taken: %v %s", slip.to, err, out)
		}
	}
	if _, err := c.text("1.27", account); err == nil || !strings.Contains(err.Error(), "kubeVersion") {
		t.Errorf("a Kubernetes without the ordinal of a pod: %v", err)
	}
}

// The chart's rules are those of deploy/prometheus, and Prometheus finds the same job as with prometheus.yml.
func (c chart) hasTheRules() {
	t := c.t
	documents := c.mustRender(account + "serviceMonitor: {enabled: true, labels: {release: prometheus}}\nprometheusRule: {enabled: true}\n")
	sources, err := filepath.Glob("prometheus/rules/*.yml")
	if err != nil || len(sources) == 0 {
		t.Fatalf("%d files of rules, error %v", len(sources), err)
	}
	rendered := make(map[string]any)
	for _, document := range of(documents, "PrometheusRule") {
		rendered[at(t, document, "metadata", "name").(string)] = document["spec"]
	}
	for _, source := range sources {
		name := "release-kaisen-" + strings.TrimSuffix(filepath.Base(source), ".yml")
		if rendered[name] == nil {
			t.Errorf("the chart has no link to %s: ln -s ../../../%s deploy/helm/kaisen/rules/", source, source)
			continue
		}
		if diff := cmp.Diff(decode[any](t, read(t, source)), rendered[name], sameRules()...); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		delete(rendered, name)
	}
	if len(rendered) > 0 {
		t.Errorf("rules of no file: %v", rendered)
	}
	monitor := of(documents, "ServiceMonitor")[0]
	scrape := decode[struct {
		ScrapeConfigs []struct {
			JobName     string `yaml:"job_name"`
			HonorLabels bool   `yaml:"honor_labels"`
		} `yaml:"scrape_configs"`
	}](t, read(t, "prometheus/prometheus.yml")).ScrapeConfigs[0]
	label := at(t, monitor, "spec", "jobLabel").(string)
	service := of(documents, "Service")[0]
	if job := at(t, service, "metadata", "labels", label); job != scrape.JobName {
		t.Errorf("job %s, in prometheus.yml %s", job, scrape.JobName)
	}
	if honours := at(t, monitor, "spec", "endpoints", 0, "honorLabels"); honours != scrape.HonorLabels {
		t.Errorf("honorLabels %v, in prometheus.yml %v", honours, scrape.HonorLabels)
	}
	if at(t, service, "spec", "publishNotReadyAddresses") != true {
		t.Error("a kaisen that is not ready is not scraped")
	}
}

// sameRules are differences that say nothing: a last newline, which is lost between documents, and a number as a text.
func sameRules() cmp.Options {
	number := func(v any) (float64, bool) {
		switch v.(type) {
		case int, float64, string:
			n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
			return n, err == nil
		}
		return 0, false
	}
	return cmp.Options{
		cmp.FilterValues(func(a, b any) bool {
			_, one := number(a)
			_, other := number(b)
			return one && other
		}, cmp.Comparer(func(a, b any) bool {
			one, _ := number(a)
			other, _ := number(b)
			return one == other
		})),
		cmp.Comparer(func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }),
	}
}

// hasTheDashboards: each file of dashboards is in a ConfigMap of its own, which a cluster takes up to 1 MiB.
func (c chart) hasTheDashboards() {
	t := c.t
	sources, err := filepath.Glob("../dashboards/*.json")
	if err != nil || len(sources) == 0 {
		t.Fatalf("%d dashboards, error %v", len(sources), err)
	}
	shown := make(map[string]string)
	for _, m := range of(c.mustRender(account+"dashboards: {enabled: true}\n"), "ConfigMap") {
		for name, text := range m["data"].(map[string]any) {
			if strings.HasSuffix(name, ".json") && at(t, m, "metadata", "labels", "grafana_dashboard") == "1" {
				shown[name] = text.(string)
			}
		}
	}
	for _, source := range sources {
		name := filepath.Base(source)
		switch text, found := shown[name]; {
		case !found:
			t.Errorf("the chart has no link to %s: ln -s ../../../../dashboards/%s deploy/helm/kaisen/dashboards/", source, name)
		case text != strings.TrimSpace(read(t, source)):
			t.Errorf("%s is another one", name)
		case len(text) > 1<<20:
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
}
