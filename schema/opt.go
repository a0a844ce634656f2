package schema

// Opt is a value that the carrier may not have told: NULL, an empty string, or a key that is missing from the
// answer. The zero Opt is "not told", which is never the same as a zero value: a NULL becomes an absent series
// and a NULL column, never a 0.
type Opt[T any] struct {
	V     T
	Known bool
}

// Some is a value that was told.
func Some[T any](v T) Opt[T] { return Opt[T]{V: v, Known: true} }

// Or is the value, or other where it was not told.
func (o Opt[T]) Or(other T) T {
	if o.Known {
		return o.V
	}
	return other
}

// optional is every Opt, whatever it is of.
func (Opt[T]) optional() {}
