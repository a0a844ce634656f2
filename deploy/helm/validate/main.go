// Command validate says what an API server would refuse of the rendered Kubernetes objects in a file, its first argument.
// The cluster's own kinds are held against its Go types, those of the Prometheus operator against the custom resource
// definitions whose files are the other arguments. It is a module of its own, so that kaisen does not get Kubernetes'
// modules for a test. It does not run the rules in CEL that a definition may have.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: validate OBJECTS [DEFINITION]...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(objects string, definitions []string) error {
	text, err := os.ReadFile(objects)
	if err != nil {
		return err
	}
	custom, err := readDefinitions(definitions)
	if err != nil {
		return err
	}
	var mistakes []error
	count := 0
	for document := range bytes.SplitSeq(append([]byte("\n"), text...), []byte("\n---\n")) {
		var object map[string]any
		if err := yaml.UnmarshalStrict(document, &object); err != nil {
			return fmt.Errorf("%w in\n%s", err, document)
		}
		if object == nil {
			continue
		}
		count++
		if err := check(document, object, custom); err != nil {
			mistakes = append(mistakes, fmt.Errorf("%v %v: %w", object["kind"], name(object), err))
		}
	}
	if count == 0 {
		return errors.New("no object")
	}
	return errors.Join(mistakes...)
}

func name(object map[string]any) any {
	metadata, _ := object["metadata"].(map[string]any)
	return metadata["name"]
}

// check holds one object against its kind.
func check(document []byte, object map[string]any, custom map[string]definition) error {
	kind := fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])
	if definition, found := custom[kind]; found {
		return definition.check(object)
	}
	typed := builtIn(kind)
	if typed == nil {
		return errors.New("a kind that nobody knows: " + kind)
	}
	return yaml.UnmarshalStrict(document, typed)
}

// builtIn is an empty object of a kind that every cluster has, nil where neither the chart nor an example has one.
func builtIn(kind string) any {
	switch kind {
	case "v1 ConfigMap":
		return new(corev1.ConfigMap)
	case "v1 PersistentVolumeClaim":
		return new(corev1.PersistentVolumeClaim)
	case "v1 Pod":
		return new(corev1.Pod)
	case "v1 Service":
		return new(corev1.Service)
	case "v1 ServiceAccount":
		return new(corev1.ServiceAccount)
	case "apps/v1 StatefulSet":
		return new(appsv1.StatefulSet)
	case "batch/v1 CronJob":
		return new(batchv1.CronJob)
	case "batch/v1 Job":
		return new(batchv1.Job)
	case "networking.k8s.io/v1 Ingress":
		return new(networkingv1.Ingress)
	case "networking.k8s.io/v1 NetworkPolicy":
		return new(networkingv1.NetworkPolicy)
	case "policy/v1 PodDisruptionBudget":
		return new(policyv1.PodDisruptionBudget)
	case "rbac.authorization.k8s.io/v1 Role":
		return new(rbacv1.Role)
	case "rbac.authorization.k8s.io/v1 RoleBinding":
		return new(rbacv1.RoleBinding)
	}
	return nil
}
