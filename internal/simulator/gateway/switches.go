package gateway

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Switch is a point on which the documents may be read in more than one way, or a trouble that a carrier may have. An
// API lists its own; each is applied in one place.
type Switch struct {
	Name    string
	Trouble bool     // not a way to read the documents
	Values  []string // the first holds unless another is set
	About   string   // what they mean, in one sentence
}

// String is the switch with its values, as help has it.
func (s Switch) String() string { return s.Name + "=" + strings.Join(s.Values, "|") }

// Readings are the switches that have another value than their first, by their names.
type Readings map[string]string

// Is reports whether a switch has a value that is not its first.
func (r Readings) Is(name, value string) bool { return r[name] == value }

// switched is the readings in force, and how many answers about a line there have been since they were set.
type switched struct {
	Readings
	lines atomic.Uint64
}

// Switches lists what the APIs, and the gateway before them, can be switched to.
func Switches(apis ...API) []Switch {
	var all []Switch
	for _, api := range apis {
		all = append(all, api.Switches()...)
	}
	return append(all, ownSwitches()...)
}

// ParseReadings checks values by the names of switches. The error lists every mistake with what there is. Those that are
// the first of their switch are left out, as they change nothing.
func ParseReadings(values map[string]string, switches []Switch) (Readings, error) {
	readings := Readings{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := slices.IndexFunc(switches, func(s Switch) bool { return s.Name == name })
		switch {
		case at < 0:
			var names []string
			for _, s := range switches {
				names = append(names, s.Name)
			}
			errs = append(errs, fmt.Errorf("no reading %q; there are %s", name, strings.Join(names, ", ")))
		case !slices.Contains(switches[at].Values, values[name]):
			errs = append(errs, fmt.Errorf("reading %s=%q: must be %s", name, values[name], strings.Join(switches[at].Values, ", ")))
		case values[name] != switches[at].Values[0]:
			readings[name] = values[name]
		}
	}
	return readings, errors.Join(errs...)
}

// SetReadings replaces the readings in force. Those that are not given have their first value.
func (g *Gateway) SetReadings(values map[string]string) error {
	readings, err := ParseReadings(values, Switches(g.apis...))
	if err != nil {
		return err
	}
	g.switched.Store(&switched{Readings: readings})
	return nil
}

// Readings are all switches with the value that each has now.
func (g *Gateway) Readings() map[string]string {
	all, set := map[string]string{}, g.switched.Load()
	for _, s := range Switches(g.apis...) {
		all[s.Name] = s.Values[0]
		if value, ok := set.Readings[s.Name]; ok {
			all[s.Name] = value
		}
	}
	return all
}
