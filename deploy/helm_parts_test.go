package deploy

import (
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// server is an account's configuration with a database on a server.
const server = account + "  store: {kind: clickhouse, dsn_file: /run/secrets/kaisen/clickhouse-dsn}\n"

// The ordinal of a pod is its shard, by a label that Kubernetes gives it: the image has no shell that could count.
func (c chart) withShards() {
	t := c.t
	sets := of(c.mustRender("shards: 3\n"+server), "StatefulSet")
	if len(sets) != 1 {
		t.Fatalf("%d StatefulSets", len(sets))
	}
	spec := at(t, sets[0], "spec")
	if at(t, spec, "replicas") != 3 || at(t, spec, "ordinals", "start") != 1 {
		t.Errorf("%v pods from %v", at(t, spec, "replicas"), at(t, spec, "ordinals"))
	}
	container := at(t, spec, "template", "spec", "containers", 0)
	if image := at(t, container, "image").(string); strings.HasSuffix(image, "-engine") {
		t.Errorf("image %s has an engine that nobody needs", image)
	}
	environment := c.environment(container)
	if got := environment["KAISEN_COLLECTOR__SHARD"]; got != "$(SHARD)/3" {
		t.Errorf("shard %v", got)
	}
	// A variable is only replaced in those that come after it.
	names := c.names(container, "env")
	if slices.Index(names, "SHARD") > slices.Index(names, "KAISEN_COLLECTOR__SHARD") {
		t.Errorf("the shard is not known where it is used: %v", names)
	}
	want := map[string]any{"fieldRef": map[string]any{"fieldPath": "metadata.labels['apps.kubernetes.io/pod-index']"}}
	if diff := cmp.Diff(any(want), environment["SHARD"]); diff != "" {
		t.Error(diff)
	}
	// One alone is pod 0, as it always was: its rows are in the volume of that name.
	alone := of(c.mustRender(account), "StatefulSet")[0]
	if _, found := at(t, alone, "spec").(map[string]any)["ordinals"]; found {
		t.Error("a single pod has another name, and so another volume")
	}
	if _, found := c.environment(at(t, alone, "spec", "template", "spec", "containers", 0))["KAISEN_COLLECTOR__SHARD"]; found {
		t.Error("a single pod has a shard")
	}
}

// environment are the variables of a container, each with its value or where it comes from.
func (c chart) environment(container any) map[string]any {
	all := make(map[string]any)
	for _, variable := range at(c.t, container, "env").([]any) {
		v := variable.(map[string]any)
		if all[v["name"].(string)] = v["value"]; v["valueFrom"] != nil {
			all[v["name"].(string)] = v["valueFrom"]
		}
	}
	return all
}

// names are the names in a list of a container or pod.
func (c chart) names(of any, list string) []string {
	var names []string
	for _, item := range at(c.t, of, list).([]any) {
		names = append(names, at(c.t, item, "name").(string))
	}
	return names
}

// The migration is over before a pod of the new version starts, has a configuration of its own, since the other one is not
// there yet, and is no pod that is scraped, kept from eviction or spoken to.
func (c chart) withMigration() {
	t := c.t
	documents := c.mustRender("migrate: {enabled: true, existingSecret: admin}\n" + server)
	job := of(documents, "Job")[0]
	if hook := at(t, job, "metadata", "annotations", "helm.sh/hook"); hook != "pre-install,pre-upgrade" {
		t.Errorf("hook %v", hook)
	}
	pod := at(t, job, "spec", "template", "spec")
	if diff := cmp.Diff([]any{"migrate", "--config", "/etc/kaisen/kaisen.yaml"}, at(t, pod, "containers", 0, "args")); diff != "" {
		t.Error(diff)
	}
	configuration := at(t, pod, "volumes", 0, "configMap", "name")
	i := slices.IndexFunc(documents, func(d map[string]any) bool {
		return d["kind"] == "ConfigMap" && at(t, d, "metadata", "name") == configuration
	})
	if i < 0 || at(t, documents[i], "metadata", "annotations", "helm.sh/hook") != "pre-install,pre-upgrade" {
		t.Errorf("the configuration %v is not there when the job is", configuration)
	}
	if secret := at(t, pod, "volumes", 1, "secret", "secretName"); secret != "admin" {
		t.Errorf("secret %v", secret)
	}
	if got := c.environment(at(t, pod, "containers", 0))["KAISEN_STORE__DSN_FILE"]; got != "/run/secrets/kaisen-migrate/clickhouse-dsn" {
		t.Errorf("dsn_file %v", got)
	}
	labels := at(t, job, "spec", "template", "metadata", "labels").(map[string]any)
	if labels["app.kubernetes.io/name"] != nil || labels["app.kubernetes.io/instance"] != nil {
		t.Errorf("it is taken for kaisen itself: %v", labels)
	}
}

// Each shard has a name, at which its page is.
func (c chart) withIngress() {
	t := c.t
	documents := c.mustRender("shards: 2\ningress: {enabled: true, hosts: [one.example, two.example]}\n" + server + "  exporter: {hosts: [one.example, two.example]}\n")
	got := make(map[string]any)
	for _, rule := range at(t, of(documents, "Ingress")[0], "spec", "rules").([]any) {
		service := at(t, rule, "http", "paths", 0, "backend", "service", "name")
		for _, s := range of(documents, "Service") {
			if at(t, s, "metadata", "name") == service {
				got[at(t, rule, "host").(string)] = at(t, s, "spec", "selector", "statefulset.kubernetes.io/pod-name")
			}
		}
	}
	if diff := cmp.Diff(map[string]any{"one.example": "release-kaisen-1", "two.example": "release-kaisen-2"}, got); diff != "" {
		t.Error(diff)
	}
	scraped := 0
	for _, s := range of(documents, "Service") {
		if at(t, s, "metadata", "labels").(map[string]any)["app.kubernetes.io/name"] != nil {
			scraped++
		}
	}
	if scraped != 1 {
		t.Errorf("by way of %d services each pod is scraped as often", scraped)
	}
}

func (c chart) withVolumes() {
	t := c.t
	documents := c.mustRender(everything)
	pods := []any{at(t, of(documents, "StatefulSet")[0], "spec", "template", "spec"), at(t, of(documents, "Job")[0], "spec", "template", "spec")}
	for _, pod := range pods {
		if !slices.Contains(c.names(pod, "volumes"), "labels") || !slices.Contains(c.names(at(t, pod, "containers", 0), "volumeMounts"), "labels") {
			t.Errorf("a volume of one's own is not mounted in %v", pod)
		}
		if c.environment(at(t, pod, "containers", 0))["HTTPS_PROXY"] == nil {
			t.Error("no proxy")
		}
	}
	annotations := at(t, of(documents, "StatefulSet")[0], "spec", "template", "metadata", "annotations").(map[string]any)
	for _, name := range []string{"checksum/config", "checksum/secret", "checksum/web-config"} {
		if sum, _ := annotations[name].(string); len(sum) != 64 {
			t.Errorf("%s is %q", name, sum)
		}
	}
	other := of(c.mustRender(strings.Replace(everything, "N123456789", "N123456788", 1)), "StatefulSet")[0]
	if at(t, other, "spec", "template", "metadata", "annotations", "checksum/config") == annotations["checksum/config"] {
		t.Error("pods go on with the configuration of before")
	}
}

// A pod that the carrier refuses is not ready, and is alive all the same: to start it again would help nobody.
func (c chart) withProbes() {
	t := c.t
	probe := func(values, name string) any {
		t.Helper()
		return at(t, of(c.mustRender(values), "StatefulSet")[0], "spec", "template", "spec", "containers", 0, name)
	}
	const tls = account + "webConfigSecret: web\n"
	for _, test := range []struct{ values, probe, path string }{
		{account, "startupProbe", "/-/healthy"},
		{account, "livenessProbe", "/-/healthy"},
		{account, "readinessProbe", "/-/ready"},
		{tls + "probes: {readinessHTTP: {scheme: HTTPS}}\n", "readinessProbe", "/-/ready"},
	} {
		if path := at(t, probe(test.values, test.probe), "httpGet", "path"); path != test.path {
			t.Errorf("%s asks %v", test.probe, path)
		}
	}
	for _, name := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
		if diff := cmp.Diff([]any{"/usr/bin/kaisen", "health"}, at(t, probe(tls, name), "exec", "command")); diff != "" {
			t.Errorf("%s would be refused over HTTP: %s", name, diff)
		}
	}
	start := probe(account, "startupProbe")
	if allowed := at(t, start, "periodSeconds").(int) * at(t, start, "failureThreshold").(int); allowed < 1200 {
		t.Errorf("a migration of %d s is cut off", allowed)
	}
	if got := at(t, probe(account+"probes: {liveness: {failureThreshold: 9}}\n", "livenessProbe"), "failureThreshold"); got != 9 {
		t.Errorf("failureThreshold %v", got)
	}
}

// The images have the names that `make images` gives them.
func (c chart) hasTheImages() {
	t := c.t
	version := decode[struct {
		AppVersion string `yaml:"appVersion"`
	}](t, read(t, "helm/kaisen/Chart.yaml")).AppVersion
	made := must(t, "..", "make", "--no-print-directory", "--dry-run", "images", "VERSION=v"+version)
	for _, values := range []string{account, server} {
		image := at(t, of(c.mustRender(values), "StatefulSet")[0], "spec", "template", "spec", "containers", 0, "image").(string)
		if !strings.Contains(made, "--tag "+image+" ") {
			t.Errorf("nobody makes the image %s:\n%s", image, made)
		}
	}
}
