package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kaisen/collector"
	"kaisen/exporter/fleet"
	"kaisen/internal/labels"
)

// labelName is what Prometheus takes for the name of a label.
var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// takenLabels are the labels that kaisen_line_info has anyway.
func takenLabels() []string {
	return []string{"source", "contract_id", "line_no", "name", "plan_code", "access", "sim_type", "device_name", "data_share", "job", "instance"}
}

// checkLabels looks at labels_file, where that counts, and at what of it is shown. That a row of the file is wrong is no mistake
// of the configuration: kaisen starts without it, and Warnings tells.
func (f *findings) checkLabels(cfg *Config) {
	f.oneOf("exporter.names", string(cfg.Exporter.Names), string(fleet.NamesFile), string(fleet.NamesNote), string(fleet.NamesNone))
	var all labels.Labels
	readable := false
	if cfg.LabelsFile != "" && f.whole {
		var err error
		if all, err = labels.NewFile(cfg.LabelsFile).Read(); err != nil {
			f.add("labels_file", err.Error(), "name a CSV file that kaisen may read, whose first row is contract_id,line_no,name and any further columns")
		}
		readable = err == nil
	}
	for i, name := range cfg.Exporter.InfoLabels {
		path := at("exporter.info_labels", i)
		switch {
		case cfg.LabelsFile == "":
			f.add(path, "there is no labels_file to take it from", "name the file in labels_file, or remove this")
		case !labelName.MatchString(name):
			f.add(path, collector.Quote(name)+" cannot be a label of Prometheus", "name the column with letters, digits and underscores, in the file too")
		case slices.Contains(takenLabels(), name):
			f.add(path, name+" is a label of kaisen_line_info already", "name the column otherwise, in the file too")
		case slices.Index(cfg.Exporter.InfoLabels, name) < i:
			f.add(path, name+" is in the list twice", "remove one")
		case readable && !slices.Contains(all.Columns, name):
			f.add(path, "labels_file has no column "+name, columnsThere(all.Columns))
		}
	}
}

// columnsThere is the advice for a column that labels_file has not.
func columnsThere(columns []string) string {
	if len(columns) == 0 {
		return "add it to the file's first row, which has none beyond contract_id, line_no and name"
	}
	return "its columns beyond contract_id, line_no and name are " + strings.Join(columns, ", ")
}

// mostRows bounds how many rows of a file are warned of one by one.
const mostRows = 10

// labelWarnings are why labels_file is not taken, or the rows of it that are left out.
func (c *Config) labelWarnings(warn func(path, format string, args ...any)) {
	if c.LabelsFile == "" {
		return
	}
	all, err := labels.NewFile(c.LabelsFile).Read()
	if err != nil {
		warn("labels_file", "%v; lines keep the names that the database has", err)
		return
	}
	for _, name := range c.Exporter.InfoLabels {
		if !slices.Contains(all.Columns, name) {
			warn("labels_file", "it has no column %s, which exporter.info_labels names; lines keep the names that the database has", name)
			return
		}
	}
	for i, mistake := range all.Mistakes {
		if i == mostRows {
			warn("labels_file", "%d more rows are wrong", len(all.Mistakes)-mostRows)
			return
		}
		warn("labels_file", "%v; the row is left out", mistake)
	}
	known := map[string]bool{}
	for _, source := range c.Sources {
		for _, contract := range collector.ContractsOf(source.Settings) {
			known[contract] = true
		}
	}
	unknown := map[string]int{}
	for _, row := range all.Rows {
		if !known[row.ContractID] {
			unknown[row.ContractID]++
		}
	}
	if len(unknown) > 0 && len(c.Sources) > 0 {
		warn("labels_file", "%s no source watches", countOf(unknown))
	}
}

// countOf names the contracts of rows that name lines of nobody.
func countOf(contracts map[string]int) string {
	rows := 0
	var names []string
	for name, n := range contracts {
		rows += n
		names = append(names, name)
	}
	slices.Sort(names)
	const enough = 3
	if len(names) > enough {
		names = append(names[:enough], "…")
	}
	return fmt.Sprintf("%d rows are of contracts (%s) that", rows, strings.Join(names, ", "))
}
