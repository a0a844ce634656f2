package schema_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// mood is a row of a table that package schema does not know.
type mood struct {
	schema.LineKey
	Mood string `column:"mood"`
}

// mixed is a batch of n sweeps, moods and lines.
func mixed(n int) schema.Batch {
	var b schema.Batch
	for i := range n {
		key := schema.LineKey{Source: "hq", LineNo: fmt.Sprint(i)}
		b.Lines = append(b.Lines, schema.Line{LineKey: key})
		b.Sweeps = append(b.Sweeps, schema.Sweep{Source: "hq", Job: fmt.Sprint(i)})
		rows := schema.More[mood](&b, "moods")
		*rows = append(*rows, mood{key, fmt.Sprint("mood ", i)})
	}
	return b
}

// written are the rows of a batch as text, in the order in which they are stored.
func written(b schema.Batch) []string {
	var all []string
	for _, part := range b.Parts() {
		for i := range part.Rows.Len() {
			all = append(all, fmt.Sprintf("%s %v", part.Table, part.Rows.At(i)))
		}
	}
	return all
}

// Rows of tables that a batch has no field for go all the ways that the others go, before those that speak of them.
func TestRowsOfOtherTables(t *testing.T) {
	want := mixed(3)
	var tables []string
	for _, part := range want.Parts() {
		if part.Rows.Len() > 0 {
			tables = append(tables, part.Table)
		}
	}
	if diff := cmp.Diff([]string{"lines", "moods", "sweeps"}, tables); diff != "" {
		t.Error(diff)
	}
	for n := range 10 {
		first, second := want.Cut(n)
		if first.Rows() != n {
			t.Errorf("the first %d rows are %d", n, first.Rows())
		}
		var appended schema.Batch
		appended.Append(first)
		appended.Append(second)
		for how, got := range map[string]schema.Batch{"appended": appended, "merged": schema.Merge([]*schema.Batch{&first, &second})} {
			if diff := cmp.Diff(written(want), written(got)); diff != "" {
				t.Errorf("cut after %d and %s:\n%s", n, how, diff)
			}
		}
	}
	dealt, err := want.Deal(2, func(part schema.Part) ([]int, error) { return []int{0, 1, 0}[:part.Rows.Len()], nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := *schema.More[mood](&dealt[0], "moods"); len(got) != 2 || got[1].Mood != "mood 2" {
		t.Errorf("dealt to the first: %v", got)
	}
	if got := *schema.More[mood](&dealt[1], "moods"); len(got) != 1 || got[0].Mood != "mood 1" {
		t.Errorf("dealt to the second: %v", got)
	}
	if n := want.Rows(); n != 9 {
		t.Errorf("%d rows are left of 9", n)
	}
}

// A batch that has others' rows appended shares none of them.
func TestAppendSharesNothing(t *testing.T) {
	one, other := mixed(1), mixed(1)
	var all schema.Batch
	all.Append(one)
	all.Append(other)
	if one.Rows() != 3 || other.Rows() != 3 || all.Rows() != 6 {
		t.Errorf("%d and %d rows make %d", one.Rows(), other.Rows(), all.Rows())
	}
}

// The count of rows has all tables.
func TestRowsOfEachTableCount(t *testing.T) {
	b, tables := mixed(1), 0
	for _, part := range b.Parts() {
		for part.Rows.Len() < 2 {
			_, add := part.Rows.Next()
			add()
		}
		tables++
	}
	if got := b.Rows(); got != 2*tables {
		t.Errorf("two rows of each of %d tables are %d", tables, got)
	}
}
