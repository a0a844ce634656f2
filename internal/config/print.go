package config

import (
	"fmt"
	"io"
	"kaisen/collector"
	"reflect"

	"go.yaml.in/yaml/v3"
)

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
