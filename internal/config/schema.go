package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"kaisen/collector"
)

// Schema is the JSON Schema of the configuration file, whose sources are of the given kinds, for editors that complete and check YAML, with every key's
// description and default, without a newline at the end. It says what the shape is; Load alone knows which values are
// possible.
func Schema(kinds collector.Kinds) ([]byte, error) {
	l := layout{kinds}
	reflector := jsonschema.Reflector{
		Anonymous:                  true, // no $id: the schema has no address
		ExpandedStruct:             true,
		DoNotReference:             true,
		RequiredFromJSONSchemaTags: true, // every key has a default, or is missed by Load with better words
		FieldNameTag:               "koanf",
		LookupComment:              describeField,
		Mapper:                     schemaOf,
	}
	root := reflector.Reflect(Config{})
	root.Title = "kaisen configuration"
	defaults, err := l.toMap(DefaultConfig())
	if err != nil {
		return nil, err
	}
	l.annotate(root, reflect.TypeFor[Config](), defaults)
	source, err := l.toMap(DefaultSource(kinds[0]))
	if err != nil {
		return nil, err
	}
	delete(source, "jobs") // they differ by kind: jobsSchema
	sources, _ := root.Properties.Get("sources")
	l.annotate(sources.Items, reflect.TypeFor[Source](), source)
	sources.Items.Properties.Set("jobs", l.jobsSchema())
	kindKey, _ := sources.Items.Properties.Get("kind")
	for _, kind := range kinds {
		kindKey.Enum = append(kindKey.Enum, kind.Name)
		sources.Items.AllOf = append(sources.Items.AllOf, jobsOfKind(kind, kind.Name == kinds[0].Name))
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JSON Schema of the configuration: %w", err)
	}
	return text, nil
}

// describeField reads the sentence in a field's tag. The types themselves have none.
func describeField(of reflect.Type, field string) string {
	if field == "" || of.Kind() != reflect.Struct {
		return ""
	}
	found, _ := of.FieldByName(field)
	return found.Tag.Get("doc")
}

// schemaOf has the types whose form in YAML is not that of the Go type; nil for the others.
func schemaOf(of reflect.Type) *jsonschema.Schema {
	switch {
	case isDuration(of):
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Pattern: `^(0|[0-9]+d([0-9.]+(h|m|s|ms|us|µs|ns))*|([0-9.]+(h|m|s|ms|us|µs|ns))+)$`},
			{Const: 0},
		}}
	case of == reflect.TypeFor[Size]():
		return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(B|(\.[0-9]+)?(KiB|MiB|GiB|TiB))$`}
	case isText(of):
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

// annotate adds to the schema of a section what the reflector does not know: the keys of the kinds, defaults, and the
// words of an enum.
func (l layout) annotate(schema *jsonschema.Schema, section reflect.Type, defaults map[string]any) {
	properties := jsonschema.NewProperties()
	for _, key := range l.keysOf(section) {
		property, _ := schema.Properties.Get(key.name)
		if key.owner != nil {
			property = ownSchema(key)
		}
		properties.Set(key.name, property)
		value, has := defaults[key.name]
		if inner, isMap := value.(map[string]any); isMap && isSection(key.of) {
			l.annotate(property, key.of, inner)
		} else if has && value != "" {
			property.Default = value
		}
		for word := range strings.SplitSeq(key.enum, ",") {
			if word != "" {
				property.Enum = append(property.Enum, word)
			}
		}
	}
	schema.Properties = properties
}

// ownSchema is a key that only sources of one kind have.
func ownSchema(k key) *jsonschema.Schema {
	property := &jsonschema.Schema{Type: "string", Description: k.doc}
	if k.of.Kind() == reflect.Slice {
		property.Type, property.Items = "array", &jsonschema.Schema{Type: "string"}
	}
	return property
}

// jobsSchema is the key jobs with the jobs of every kind, each with its defaults.
func (l layout) jobsSchema() *jsonschema.Schema {
	jobs := &jsonschema.Schema{
		Type:                 "object",
		Properties:           jsonschema.NewProperties(),
		AdditionalProperties: jsonschema.FalseSchema,
		Description:          describeField(reflect.TypeFor[Source](), "Jobs"),
	}
	for _, kind := range l.kinds {
		for _, job := range kind.Jobs {
			jobs.Properties.Set(job.Name, jobSchema(job))
		}
	}
	return jobs
}

func jobSchema(job collector.JobDefault) *jsonschema.Schema {
	schema := &jsonschema.Schema{
		Type:                 "object",
		Properties:           jsonschema.NewProperties(),
		AdditionalProperties: jsonschema.FalseSchema,
	}
	for _, key := range keysOf(reflect.TypeFor[Job]()) {
		if key.name == "lookback" && job.Lookback == 0 {
			continue
		}
		property := schemaOf(key.of)
		if property == nil {
			property = &jsonschema.Schema{Type: "number"}
		}
		property.Description = key.doc
		property.Default = map[string]any{"interval": Duration(job.Interval), "share": cmp.Or(job.Share, 1), "lookback": Duration(job.Lookback)}[key.name]
		schema.Properties.Set(key.name, property)
	}
	return schema
}

// jobsOfKind says: if the source is of this kind, its jobs are these.
func jobsOfKind(kind collector.Kind, byDefault bool) *jsonschema.Schema {
	is := jsonschema.NewProperties()
	is.Set("kind", &jsonschema.Schema{Const: kind.Name})
	condition := &jsonschema.Schema{Properties: is}
	if !byDefault { // an absent kind means the default
		condition.Required = []string{"kind"}
	}
	var names []any
	for _, name := range kind.JobNames() {
		names = append(names, name)
	}
	then := jsonschema.NewProperties()
	then.Set("jobs", &jsonschema.Schema{PropertyNames: &jsonschema.Schema{Enum: names}})
	return &jsonschema.Schema{If: condition, Then: &jsonschema.Schema{Properties: then}}
}
