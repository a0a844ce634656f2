package main

import (
	"fmt"
	"io"

	"kaisen/schema"
)

// listExamples writes every question with its SQL, to be read, copied and changed.
func listExamples(out io.Writer) error {
	examples, err := schema.Examples()
	if err != nil {
		return err
	}
	for i, e := range examples {
		fmt.Fprintf(out, "-- %d. %s\n%s;\n\n", i+1, e.Question, e.SQL)
	}
	return nil
}

// exampleSQL is the statement of question n, counted from 1.
func exampleSQL(n int) (string, error) {
	examples, err := schema.Examples()
	if err != nil {
		return "", err
	}
	if n < 1 || n > len(examples) {
		return "", fmt.Errorf("--example %d: there are 1 to %d; --examples lists them", n, len(examples))
	}
	return examples[n-1].SQL, nil
}
