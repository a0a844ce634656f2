package main

import (
	"fmt"
	"os"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// definition is the schema of a custom kind in one version.
type definition struct{ schema *jsonschema.Schema }

// readDefinitions reads CustomResourceDefinitions, by "apiVersion kind".
func readDefinitions(files []string) (map[string]definition, error) {
	all := make(map[string]definition)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := yaml.Unmarshal(text, &crd); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, version := range crd.Spec.Versions {
			closeFields(version.Schema.OpenAPIV3Schema)
			kind := fmt.Sprintf("%s/%s %s", crd.Spec.Group, version.Name, crd.Spec.Names.Kind)
			compiler := jsonschema.NewCompiler()
			compiler.DefaultDraft(jsonschema.Draft4) // what OpenAPI 3.0 speaks
			if err := compiler.AddResource("mem:///schema", version.Schema.OpenAPIV3Schema); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			schema, err := compiler.Compile("mem:///schema")
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			all[kind] = definition{schema}
		}
	}
	return all, nil
}

// closeFields makes a field that a schema does not name a mistake. An API server drops it without a word, which is worse.
func closeFields(schema map[string]any) {
	properties, has := schema["properties"].(map[string]any)
	if has && schema["x-kubernetes-preserve-unknown-fields"] != true && schema["additionalProperties"] == nil {
		schema["additionalProperties"] = false
	}
	for name, property := range properties {
		if name == "metadata" && schema["properties"].(map[string]any)["spec"] != nil {
			continue // of the cluster, and not described here
		}
		closeFields(property.(map[string]any))
	}
	for _, below := range []string{"items", "additionalProperties"} {
		if child, is := schema[below].(map[string]any); is {
			closeFields(child)
		}
	}
}

func (d definition) check(object map[string]any) error { return d.schema.Validate(object) }
