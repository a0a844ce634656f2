package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is one step of the database's history. Steps are applied in order, each once, and never edited once
// released.
type Migration struct {
	Version    int
	Name       string   // the file's name
	Statements []string // in order, without their semicolons
}

// Migrations reads the embedded SQL files, in the order of their numbers. It fails where a file is not named
// NNNN_word.sql or a number is missing or used twice.
func Migrations() ([]Migration, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("embedded migrations: %w", err)
	}
	var steps []Migration
	for i, entry := range entries { // ReadDir sorts by name
		number, _, _ := strings.Cut(entry.Name(), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: expected number %04d", entry.Name(), i+1)
		}
		text, err := migrationText(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", entry.Name(), err)
		}
		steps = append(steps, Migration{Version: version, Name: entry.Name(), Statements: statements(text)})
	}
	return steps, nil
}

// migrationText is a file with what it includes of others. A line
//
//	-- include 0016_forecast_plans.sql, dated to ends
//
// stands for these common table expressions of that file, and all between them: views that differ only in what they read
// share the steps that follow. ClickHouse itself has no such means that every version since 24.8 knows, and one view of
// both kinds would cost each of them the planning of the other.
func migrationText(name string) (string, error) {
	text, err := fs.ReadFile(migrationFiles, "migrations/"+name)
	if err != nil {
		return "", err
	}
	var whole strings.Builder
	for line := range strings.Lines(string(text)) {
		include, is := strings.CutPrefix(strings.TrimSpace(line), "-- include ")
		from, names, _ := strings.Cut(include, ", ")
		first, last, complete := strings.Cut(names, " to ")
		if !is || !complete {
			whole.WriteString(line)
			continue
		}
		part, err := expressionsOf(from, first, last)
		if err != nil {
			return "", fmt.Errorf("%s: %w", strings.TrimSpace(line), err)
		}
		whole.WriteString(part + "\n")
	}
	return whole.String(), nil
}

// expressionsOf are the common table expressions of a migration from one to another. Each begins and ends with a line that is
// indented by four blanks.
func expressionsOf(name, first, last string) (string, error) {
	text, err := fs.ReadFile(migrationFiles, "migrations/"+name)
	if err != nil {
		return "", err
	}
	var part []string
	begun, lastBegun := false, false
	for line := range strings.Lines(string(text)) {
		begun = begun || line == "    "+first+" AS\n"
		lastBegun = lastBegun || begun && line == "    "+last+" AS\n"
		if begun {
			part = append(part, line)
		}
		if end := strings.TrimRight(line, ",\n"); lastBegun && end == "    )" {
			part[len(part)-1] = end
			return strings.Join(part, ""), nil
		}
	}
	return "", fmt.Errorf("%s has no %s to %s", name, first, last)
}

// statements splits a file at the semicolons that end a line, which is how our files are written: no statement
// has one inside.
func statements(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ";\n") {
		var kept []string
		for line := range strings.SplitSeq(part, "\n") {
			if !strings.HasPrefix(strings.TrimSpace(line), "--") {
				kept = append(kept, line)
			}
		}
		if statement := strings.TrimSpace(strings.Join(kept, "\n")); statement != "" {
			out = append(out, statement)
		}
	}
	return out
}

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
