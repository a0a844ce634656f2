package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"kaisen/collector"
)

var (
	errMapping   = errors.New("expected a mapping of keys at the top")
	errDocuments = errors.New("holds a second YAML document behind a line of three dashes, which would be ignored; remove it")
	// The library names the anchor, which is the value where somebody forgot the quotes around a secret.
	errAnchor = errors.New("a value begins with an asterisk, which YAML reads as a reference; put it in quotes")
)

// parser is how koanf reads the file: YAML in one document, with a name for every mistake.
type parser struct{ found *findings }

// Unmarshal implements koanf.Parser.
func (p parser) Unmarshal(content []byte) (map[string]any, error) { return parseYAML(content, p.found) }

// Marshal implements koanf.Parser.
func (parser) Marshal(values map[string]any) ([]byte, error) { return yaml.Marshal(values) }

// parseYAML reads the one document of a file. Its errors carry the line wherever the library says it.
func parseYAML(content []byte, found *findings) (map[string]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return map[string]any{}, nil
	} else if err != nil {
		return nil, yamlError(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, yamlError(err)
		}
		return nil, errDocuments
	}
	dropRepeated("", document.Content[0], found)
	var top any
	if err := document.Decode(&top); err != nil {
		return nil, yamlError(err)
	}
	if top == nil {
		return map[string]any{}, nil
	}
	mapping, ok := top.(map[string]any)
	if !ok {
		return nil, errMapping
	}
	return mapping, nil
}

// dropRepeated blames keys that a mapping has twice and keeps the first, so that the rest can still be looked at.
func dropRepeated(path string, node *yaml.Node, found *findings) {
	switch node.Kind {
	case yaml.SequenceNode:
		for i, element := range node.Content {
			dropRepeated(at(path, i), element, found)
		}
	case yaml.MappingNode:
		lines := map[string]int{}
		kept := node.Content[:0]
		for i := 0; i+1 < len(node.Content); i += 2 {
			name, value := node.Content[i], node.Content[i+1]
			full := join(path, name.Value)
			if line, repeated := lines[name.Value]; repeated {
				found.add(full, fmt.Sprintf("given twice, in lines %d and %d", line, name.Line), "keep one")
				continue
			}
			lines[name.Value] = name.Line
			kept = append(kept, name, value)
			dropRepeated(full, value, found)
		}
		node.Content = kept
	}
}

// yamlError words an error of the library: "line 3: …".
func yamlError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(text, "unknown anchor") {
		return errAnchor
	}
	return errors.New(text)
}

// tree is a section as YAML, keys in the order in which they are documented, secrets hidden.
func (l layout) tree(value reflect.Value) *yaml.Node {
	switch of := value.Type(); {
	case isText(of):
		text, ok := value.Interface().(interface{ String() string })
		node := new(yaml.Node)
		if ok {
			node.SetString(text.String())
		}
		if isDuration(of) && node.Value == "0" {
			node.Tag = "!!int"
		}
		return node
	case isSection(of):
		return l.sectionTree(value)
	case of.Kind() == reflect.Slice && isSection(of.Elem()):
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range value.Len() {
			list.Content = append(list.Content, l.tree(value.Index(i)))
		}
		return list
	default:
		node := new(yaml.Node)
		if err := node.Encode(value.Interface()); err != nil {
			// only a type that YAML has no form for can bring us here, and Config has none
			panic(err)
		}
		if node.Kind == yaml.SequenceNode {
			node.Style = yaml.FlowStyle
		}
		return node
	}
}

func (l layout) sectionTree(value reflect.Value) *yaml.Node {
	section := &yaml.Node{Kind: yaml.MappingNode}
	put := func(name string, inner reflect.Value) {
		label := new(yaml.Node)
		label.SetString(name)
		section.Content = append(section.Content, label, l.tree(inner))
	}
	if value.Kind() == reflect.Map { // jobs
		for _, name := range l.keyNames(value.Type()) {
			if job := value.MapIndex(reflect.ValueOf(name)); job.IsValid() {
				put(name, job)
			}
		}
		return section
	}
	for _, k := range l.keysOf(value.Type()) {
		holder := value
		if k.owner != nil {
			holder = reflect.ValueOf(k.owner).Elem()
			if own := value.FieldByName("Settings").Elem(); own.IsValid() && own.Type().Elem() == holder.Type() {
				holder = own.Elem()
			}
		}
		if inner := holder.Field(k.index); !k.omitEmpty || !inner.IsZero() {
			put(k.name, inner)
		}
	}
	if flat := value.Type(); flat == reflect.TypeFor[Job]() || flat == reflect.TypeFor[RateLimit]() || flat == reflect.TypeFor[Retention]() {
		section.Style = yaml.FlowStyle
	}
	return section
}

// toMap is a section in the form in which koanf merges it.
func (l layout) toMap(section any) (map[string]any, error) {
	mapping := map[string]any{}
	err := l.tree(reflect.ValueOf(section)).Decode(&mapping)
	return mapping, err
}

// Print writes the values in force as YAML, every key in the order in which it is documented. Secrets are hidden, and
// Load says so where it meets the stand-in of one; apart from them it reads back the same configuration.
func (c *Config) Print(kinds collector.Kinds, w io.Writer) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(layout{kinds}.tree(reflect.ValueOf(*c))); err != nil {
		return fmt.Errorf("configuration as YAML: %w", err)
	}
	return encoder.Close()
}
