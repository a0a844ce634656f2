// Package kinds lists the carrier's APIs that kaisen knows. It is the one place where a new one is added.
package kinds

import (
	"kaisen/collector"
	"kaisen/collector/ipoe"
	"kaisen/collector/serviceorder"
	"kaisen/collector/unom"
)

// All returns every kind, in the order in which they are documented. A source whose kind is not given is of the first.
func All() collector.Kinds {
	return collector.Kinds{unom.Kind(), serviceorder.Kind(), ipoe.Kind()}
}
