package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// formatPeople is the table that a terminal gets; every other format is ClickHouse's own.
const formatPeople = "table"

// queryFlags are the flags of kaisen query.
type queryFlags struct {
	format   string
	file     string
	example  int
	examples bool
	exact    bool
	header   bool
	noPager  bool
	write    bool
	upright  bool // in tables, a row is a column
}

func newQuery() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Run SQL on the configured store",
		Long: "Runs one statement, whether or not a service is running on the store: the argument, a file, or what stdin brings. It reads, or\n" +
			"adds rows and tables; what would drop, empty or change what is there takes --write.\n\n" +
			"On a terminal the answer is a table with figures rounded for people (1 GB is 1,024 MB; --exact leaves them alone), in a\n" +
			"pager where it is long; otherwise it is tab-separated and exact. --format takes any of ClickHouse's formats; with\n" +
			"clickhouse:// in store.dsn only TSV, TSVWithNames, CSV, CSVWithNames, JSONEachRow, JSONCompactEachRowWithNames and PrettyCompact.\n" +
			"--examples lists questions with their SQL, --example N asks one of them.",
		Example: "  kaisen query --config kaisen.yaml 'SELECT line_no, restriction FROM line_status LIMIT 10'\n" +
			"  kaisen query --example 1\n" +
			"  kaisen query --header 'SELECT * FROM near_cap_lines' > near.tsv\n" +
			"  kaisen query --file report.sql --format CSVWithNames > report.csv\n" +
			"  echo 'SELECT count() FROM traffic_samples' | kaisen query",
		Args: cobra.MaximumNArgs(1),
	}
	flags := addConfigFlags(cmd)
	q := new(queryFlags)
	q.addFormat(cmd)
	cmd.Flags().StringVar(&q.file, "file", "", "read the statement from a file")
	cmd.Flags().BoolVar(&q.write, "write", false, "let the statement drop, empty and change what is there, too")
	cmd.Flags().BoolVar(&q.examples, "examples", false, "list questions with their SQL")
	cmd.Flags().IntVar(&q.example, "example", 0, "ask question `N` of --examples")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if q.examples {
			return listExamples(cmd.OutOrStdout())
		}
		sql, err := q.statement(cmd, args)
		if err != nil {
			return misuse(err)
		}
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg, false, log)
		if err != nil {
			return err
		}
		err = q.ask(cmd.Context(), db, sql, cmd.OutOrStdout())
		if errors.Is(err, clickhouse.ErrChanges) && !q.write {
			err = fmt.Errorf("%w; if that is what you want, repeat it with --write", err)
		}
		return errors.Join(err, closeAll())
	}
	return cmd
}

// addFormat adds the flags that say how an answer looks.
func (q *queryFlags) addFormat(cmd *cobra.Command) {
	cmd.Flags().StringVar(&q.format, "format", "", "table, or any ClickHouse format (few with clickhouse:// in store.dsn); default table on a terminal, else TabSeparated")
	cmd.Flags().BoolVar(&q.header, "header", false, "where it is tab-separated, the names of the columns first")
	cmd.Flags().BoolVar(&q.exact, "exact", false, "in tables, figures as they are stored: bytes, and parts of 1")
	cmd.Flags().BoolVar(&q.noPager, "no-pager", false, "long tables without a pager ($PAGER, else less)")
}

// statement finds the SQL: exactly one of argument, --file, --example and stdin.
func (q *queryFlags) statement(cmd *cobra.Command, args []string) (string, error) {
	ways := []bool{len(args) == 1, q.file != "", cmd.Flags().Changed("example")}
	switch len(slices.DeleteFunc(slices.Clone(ways), func(given bool) bool { return !given })) {
	case 0:
		if isTerminal(cmd.InOrStdin()) {
			return "", errors.New("no SQL: write it as the argument, in a --file, or send it to stdin; --examples lists some")
		}
		return readSQL("stdin", cmd.InOrStdin())
	case 1:
	default:
		return "", errors.New("SQL comes from one place: the argument, --file or --example")
	}
	switch {
	case ways[0] && args[0] == "-":
		return readSQL("stdin", cmd.InOrStdin())
	case ways[0]:
		return args[0], nil
	case ways[2]:
		return exampleSQL(q.example)
	}
	file, err := os.Open(q.file)
	if err != nil {
		return "", fmt.Errorf("--file: %w", err)
	}
	defer file.Close()
	return readSQL(q.file, file)
}

func readSQL(name string, from io.Reader) (string, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return "", fmt.Errorf("SQL from %s: %w", name, err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", fmt.Errorf("SQL from %s: it is empty", name)
	}
	return string(text), nil
}

// adds reports whether a statement only adds to what is there: INSERT, and CREATE without OR REPLACE.
func adds(sql string) bool {
	m := regexp.MustCompile(`(?is)^(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(INSERT|CREATE)\s+(OR\s+REPLACE\b)?`).FindStringSubmatch(sql)
	return m != nil && m[2] == ""
}

// ask runs the statement and writes its answer.
func (q *queryFlags) ask(ctx context.Context, db *clickhouse.DB, sql string, out io.Writer) error {
	if !q.write && !adds(sql) {
		reading, err := db.ReadOnly(ctx)
		if err != nil {
			return err
		}
		ctx = reading
	}
	people := q.format == formatPeople || q.format == "" && isTerminal(out)
	if people && !clickhouse.NamesFormat(sql) {
		return q.table(ctx, db, sql, out)
	}
	format := q.format
	if format == "" || people {
		format = "TabSeparated"
		if q.header {
			format = "TabSeparatedWithNames"
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer, err := db.Query(ctx, sql, format)
	if err != nil {
		return err
	}
	defer answer.Close()
	ahead := readAhead(answer)
	n, err := io.Copy(out, ahead)
	if err != nil && n > 0 {
		err = fmt.Errorf("the answer is cut after %d bytes: %w", n, err)
	}
	cancel() // what was not read is not waited for
	return errors.Join(err, ahead.Close())
}

// show writes a page to a terminal through $PAGER, as git and psql do, and anywhere else as it is. A pager that cannot
// be started is no reason to hide the answer.
func (q *queryFlags) show(ctx context.Context, page string, out io.Writer) error {
	if q.noPager || !isTerminal(out) || !startsPager(os.Getenv("PAGER")) {
		_, err := io.WriteString(out, page)
		return err
	}
	words := strings.Fields(os.Getenv("PAGER"))
	if len(words) == 0 {
		words = []string{"less"}
	}
	pager := exec.CommandContext(ctx, words[0], words[1:]...)
	pager.Stdin, pager.Stdout, pager.Stderr = strings.NewReader(page), beyond(out), os.Stderr
	pager.Env = os.Environ()
	if os.Getenv("LESS") == "" { // one screen is just printed, lines are not wrapped, the screen is left as it is
		pager.Env = append(pager.Env, "LESS=FSRX")
	}
	if err := pager.Start(); err != nil {
		_, err := io.WriteString(out, page)
		return err
	}
	_ = pager.Wait() // leaving a pager early is no failure
	return nil
}

// startsPager reports whether the person wants one: PAGER=cat is the custom for none.
func startsPager(pager string) bool { return pager != "cat" }

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
