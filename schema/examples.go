package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed examples/*.sql
var exampleFiles embed.FS

// Example is a question that an analyst may have, and the statement that answers it.
type Example struct {
	Question string
	SQL      string // without a semicolon
}

// Examples are the questions in their order. Each lies in a file of its own, whose first line is the question as a
// comment.
func Examples() ([]Example, error) {
	entries, err := fs.ReadDir(exampleFiles, "examples")
	if err != nil {
		return nil, fmt.Errorf("embedded examples: %w", err)
	}
	var examples []Example
	for _, entry := range entries { // ReadDir sorts by name
		text, err := fs.ReadFile(exampleFiles, "examples/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("example %s: %w", entry.Name(), err)
		}
		question, sql, _ := strings.Cut(string(text), "\n")
		question, isComment := strings.CutPrefix(question, "-- ")
		if !isComment || strings.TrimSpace(sql) == "" {
			return nil, fmt.Errorf("example %s: want a comment with the question, then SQL", entry.Name())
		}
		examples = append(examples, Example{question, strings.TrimRight(sql, ";\n ")})
	}
	return examples, nil
}
