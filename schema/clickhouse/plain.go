package clickhouse

import (
	"cmp"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	native "github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// What a value of the driver is made of, whatever ClickHouse calls it. NULL is nil.
type (
	text   string // ClickHouse quotes it inside another value: strings, enums, times, addresses
	number string // and this not
	list   []any
	tuple  struct {
		names  []string // nil: it has none
		values []any
	}
	pairs struct{ keys, values []any } // of a map, in its order
)

// Put implements the driver's IterableOrderedMap: a Go map has lost the order.
func (p *pairs) Put(key, value any) { p.keys, p.values = append(p.keys, key), append(p.values, value) }

// Iterator is what the driver inserts by, which nobody does with these.
func (p *pairs) Iterator() native.MapIterator { return nil }

// kind is a ClickHouse type without what does not show: Nullable, LowCardinality.
type kind struct {
	name   string
	of     []kind
	names  []string // of a tuple's fields
	layout string   // of times
}

// kindOf reads a type as the server names it.
func kindOf(name string) kind {
	name = strings.TrimSpace(name)
	base, rest, nested := strings.Cut(name, "(")
	if name == "Point" {
		return kindOf("Tuple(Float64, Float64)")
	}
	if !nested {
		return kind{name: name, layout: timeLayout(name)}
	}
	args := splitTypes(strings.TrimSuffix(rest, ")"))
	switch base {
	case "Nullable", "LowCardinality":
		return kindOf(args[0])
	case "SimpleAggregateFunction":
		return kindOf(args[len(args)-1])
	}
	k := kind{name: base, layout: timeLayout(name)}
	switch base {
	case "Array", "Map":
		for _, arg := range args {
			k.of = append(k.of, kindOf(arg))
		}
	case "Tuple", "Nested":
		for _, arg := range args {
			if field, of, named := strings.Cut(arg, " "); named && !strings.Contains(field, "(") {
				k.names, arg = append(k.names, strings.ReplaceAll(strings.Trim(field, "`"), "\\", "")), of
			}
			k.of = append(k.of, kindOf(arg))
		}
	}
	if base == "Nested" {
		k.name = "Tuple"
		return kind{name: "Array", of: []kind{k}}
	}
	return k
}

// splitTypes splits at the commas that are in no brackets and no quotes.
func splitTypes(args string) (split []string) {
	depth, quote, from := 0, byte(0), 0
	for i := 0; i < len(args); i++ {
		switch c := args[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			split, from = append(split, strings.TrimSpace(args[from:i])), i+1
		}
	}
	return append(split, strings.TrimSpace(args[from:]))
}

// timeLayout is how times of a ClickHouse type are written: a Date has no time of day, and a DateTime64 as many digits as
// it was made with.
func timeLayout(name string) string {
	if digits, is := strings.CutPrefix(name, "DateTime64("); is {
		if n := int(digits[0] - '0'); n > 0 {
			return time.DateTime + "." + strings.Repeat("0", n)
		}
	}
	if strings.HasPrefix(name, "DateTime") {
		return time.DateTime
	}
	return time.DateOnly
}

// inner is the type of an element.
func (k kind) inner(i int) kind {
	if i < len(k.of) {
		return k.of[i]
	}
	return kind{layout: time.DateTime}
}

// plain takes a value of the driver apart.
func (k kind) plain(v reflect.Value) any {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if of, is := v.Interface().(*pairs); is {
			return k.pairs(of.keys, of.values)
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return text(x.Format(k.layout))
	case big.Int:
		return number(x.String())
	case fmt.Stringer: // UUIDs, IP addresses
		if strings.HasPrefix(k.name, "Decimal") {
			return number(x.String())
		}
		return text(x.String())
	}
	switch v.Kind() {
	case reflect.String:
		if strings.HasPrefix(k.name, "Interval") {
			count, _, _ := strings.Cut(v.String(), " ")
			return number(count)
		}
		return text(v.String())
	case reflect.Float32:
		return number(float(v.Float(), 32))
	case reflect.Float64:
		return number(float(v.Float(), 64))
	case reflect.Slice, reflect.Array:
		return k.items(v)
	case reflect.Map:
		return k.entries(v)
	}
	return number(fmt.Sprint(v.Interface()))
}

// items are those of an array, or of a tuple whose fields have no names.
func (k kind) items(v reflect.Value) any {
	values := make([]any, v.Len())
	for i := range values {
		of := k.inner(0)
		if k.name == "Tuple" {
			of = k.inner(i)
		}
		values[i] = of.plain(v.Index(i))
	}
	if k.name == "Tuple" || v.Kind() == reflect.Array {
		return tuple{values: values}
	}
	return list(values)
}

// entries are those of a map, or of a tuple whose fields have names. Of a map inside another value the driver does not keep
// the order: they are in that of their keys.
func (k kind) entries(v reflect.Value) any {
	if k.name == "Tuple" {
		values := make([]any, len(k.names))
		for i, name := range k.names {
			values[i] = k.inner(i).plain(v.MapIndex(reflect.ValueOf(name)))
		}
		return tuple{k.names, values}
	}
	of := v.MapKeys()
	slices.SortFunc(of, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a.Interface()), fmt.Sprint(b.Interface())) })
	var p pairs
	for _, key := range of {
		p.Put(key.Interface(), v.MapIndex(key).Interface())
	}
	return k.pairs(p.keys, p.values)
}

func (k kind) pairs(keys, values []any) pairs {
	var p pairs
	for i := range keys {
		p.Put(k.inner(0).plain(reflect.ValueOf(keys[i])), k.inner(1).plain(reflect.ValueOf(values[i])))
	}
	return p
}

// float is a number as ClickHouse writes it.
func float(f float64, bits int) string {
	form := byte('f')
	if abs := max(f, -f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		form = 'e'
	}
	written := strings.ToLower(strconv.FormatFloat(f, form, -1, bits))
	return strings.TrimPrefix(strings.NewReplacer("e+", "e", "e-0", "e-").Replace(written), "+")
}
