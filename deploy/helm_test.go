package deploy

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// helmProgram renders as a cluster's would. As a library it would bring 60 modules into go.mod, for a test; so it is
// built beside, out of Go's caches where they have it.
const helmProgram = "helm.sh/helm/v3/cmd/helm@v3.22.0"

// account is the least that a chart needs.
const account = `
config:
  sources:
    - {name: hq, client_id: x, client_secret_file: /run/secrets/kaisen/client-secret, contracts: [N123456789]}
`

// chart renders the chart.
type chart struct {
	t    *testing.T
	helm tool
}

// TestChart builds helm once for all that it is needed for.
func TestChart(t *testing.T) {
	c := chart{t, newTool(t, helmProgram)}
	for _, test := range []struct {
		name string
		run  func(chart)
	}{
		{"is linted", chart.isLinted},
		{"by default", chart.byDefault},
		{"has the rules of Prometheus", chart.hasTheRules},
		{"has the dashboards", chart.hasTheDashboards},
		{"is what an API server and the operator take", chart.isTaken},
		{"with shards", chart.withShards},
		{"with a migration", chart.withMigration},
		{"with an ingress", chart.withIngress},
		{"with files of one's own", chart.withVolumes},
		{"with probes", chart.withProbes},
		{"has the images that are built", chart.hasTheImages},
		{"refuses what cannot work", chart.refuses},
		{"has no links when it is a package", chart.isPackaged},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(chart{t, tool{t, c.helm.path}}) })
	}
}

// text is what comes of values, as helm would send it to a cluster of a version.
func (c chart) text(kubernetes, values string) (string, error) {
	c.t.Helper()
	file := write(c.t, c.t.TempDir(), "values.yaml", values)
	out, err := c.helm.run(".", "template", "release", "helm/kaisen", "--kube-version", kubernetes, "--namespace", "mobile", "--values", file)
	if err != nil {
		return "", errors.New(out)
	}
	return out, nil
}

// render returns the documents that come of values.
func (c chart) render(values string) ([]map[string]any, error) {
	c.t.Helper()
	out, err := c.text("1.37", values)
	if err != nil {
		return nil, err
	}
	var documents []map[string]any
	for text := range strings.SplitSeq("\n"+out, "\n---\n") {
		if document := decode[map[string]any](c.t, text); document != nil {
			documents = append(documents, document)
		}
	}
	return documents, nil
}

func (c chart) mustRender(values string) []map[string]any {
	c.t.Helper()
	documents, err := c.render(values)
	if err != nil {
		c.t.Fatal(err)
	}
	return documents
}

// documentKinds counts the documents by their kind.
func documentKinds(documents []map[string]any) map[string]int {
	count := make(map[string]int)
	for _, document := range documents {
		count[document["kind"].(string)]++
	}
	return count
}

// of are the documents of a kind.
func of(documents []map[string]any, kind string) []map[string]any {
	return slices.DeleteFunc(slices.Clone(documents), func(d map[string]any) bool { return d["kind"] != kind })
}

// at follows keys and indices into a document.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch node := value.(type) {
		case map[string]any:
			value = node[step.(string)]
		case []any:
			value = node[step.(int)]
		default:
			t.Fatalf("nothing at %v", path[:i+1])
		}
	}
	return value
}

func (c chart) isLinted() {
	t := c.t
	if out, err := c.helm.run(".", "lint", "--strict", "helm/kaisen", "--kube-version", "1.37"); err != nil {
		t.Error(out)
	}
}

func (c chart) byDefault() {
	t := c.t
	documents := c.mustRender(account)
	want := map[string]int{"ServiceAccount": 1, "ConfigMap": 1, "Service": 1, "StatefulSet": 1, "PodDisruptionBudget": 1}
	if diff := cmp.Diff(want, documentKinds(documents)); diff != "" {
		t.Error(diff)
	}
	text := at(t, of(documents, "ConfigMap")[0], "data", "kaisen.yaml").(string)
	cfg, err := load(t, text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(cfg.Sources) != 1 || cfg.Store.Kind != "embedded" {
		t.Errorf("%d sources, store %s", len(cfg.Sources), cfg.Store.Kind)
	}
	pod := at(t, of(documents, "StatefulSet")[0], "spec", "template", "spec")
	container := at(t, pod, "containers", 0)
	if image := at(t, container, "image").(string); !strings.HasSuffix(image, "-engine") {
		t.Errorf("image %s has no engine", image)
	}
	if at(t, pod, "securityContext", "runAsNonRoot") != true || at(t, container, "securityContext", "readOnlyRootFilesystem") != true ||
		at(t, container, "securityContext", "allowPrivilegeEscalation") != false || at(t, pod, "automountServiceAccountToken") != false {
		t.Errorf("the pod may do more than it needs: %v", pod)
	}
	mounted := make(map[string]bool)
	for _, mount := range at(t, container, "volumeMounts").([]any) {
		mounted[at(t, mount, "name").(string)] = true
	}
	for _, v := range append(at(t, pod, "volumes").([]any), at(t, of(documents, "StatefulSet")[0], "spec", "volumeClaimTemplates", 0, "metadata")) {
		if name := at(t, v, "name").(string); !mounted[name] {
			t.Errorf("volume %s is not mounted", name)
		}
	}
}

// What cannot work is refused before anything reaches a cluster.
func (c chart) refuses() {
	t := c.t
	for values, want := range map[string]string{
		"shards: 2\n":                "set config.store.kind to clickhouse",
		"shards: 0\n":                "at '/shards': minimum",
		"migrate: {enabled: true}\n": "is brought to its version by kaisen itself",
		"ingress: {enabled: true}\n": "0 names for 1 pods",
		"ingress: {enabled: true, hosts: [kaisen.example]}\n": "only where config.exporter.hosts names it",
		"podDisruptionBudget: {maxUnavailable: 0}\n":          "at '/podDisruptionBudget/maxUnavailable'",
		"probes: {liveness: {exec: {command: [x]}}}\n":        "at '/probes/liveness'",
		"replicas: 2\n":                     "additional properties 'replicas' not allowed",
		"persistence: {size: big}\n":        "at '/persistence/size'",
		"config: {store: {kind: sqlite}}\n": "at '/config/store/kind'",
		"config: {store: {kind: clickhouse, dsn: 'clickhouse://a:b@c/d'}}\n": "at '/config/store/dsn'",
		"config: {sources: [{name: hq, client_secret: x}]}\n":                "at '/config/sources/0/client_secret'",
	} {
		if _, err := c.render(values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s%v, want %q", values, err, want)
		}
	}
}

// A package of the chart has the rules as files, since a link would lead nowhere.
func (c chart) isPackaged() {
	t := c.t
	folder := t.TempDir()
	if out, err := c.helm.run(".", "package", "helm/kaisen", "--destination", folder); err != nil {
		t.Fatal(out)
	}
	found, err := filepath.Glob(filepath.Join(folder, "kaisen-*.tgz"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d packages, error %v", len(found), err)
	}
	file, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Typeflag != tar.TypeReg {
			t.Errorf("%s is no file", entry.Name)
		}
		names = append(names, entry.Name)
	}
	for _, want := range []string{"kaisen/values.schema.json", "kaisen/rules/lines.yml", "kaisen/dashboards/kaisen-fleet.json", "kaisen/templates/statefulset.yaml"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in the package: %v", want, names)
		}
	}
}
