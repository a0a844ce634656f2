package capacity

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"kaisen/internal/volume"
)

// Text is a plan for people.
func (p *Plan) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nThe fleet is %s.\n", p.Verdict, p.Inventory)
	if p.Shard != "" {
		fmt.Fprintf(&b, "Requests and limits are those of this process, shard %s.\n", p.Shard)
	}
	for i := range p.Accounts {
		p.Accounts[i].write(&b)
	}
	p.Sizes.write(&b)
	return b.String()
}

// write writes the table of an account's jobs, and what is to be known of them.
func (a *Account) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nAccount %s: %s, schedule %s", a.Source, a.Kind, a.Schedule)
	if a.Contracts > 0 {
		fmt.Fprintf(b, ", %s lines in %d contracts, %s of them in share groups", number(float64(a.Lines)), a.Contracts, number(float64(a.Members)))
	}
	b.WriteString("\n")
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  JOB\tINTERVAL\tREQUESTS/H\tAT FIRST\tOF LIMIT\tWORST AGE\tCROSSING SEEN\t95 %\tAT MOST")
	for _, j := range a.Jobs {
		mean, p95, most := "-", "-", "-"
		if j.Delay != nil {
			mean, p95, most = Span(j.Delay.Mean), Span(j.Delay.P95), Span(j.Delay.AtMost)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s %%\t%s\t%s\t%s\t%s\n", j.Job, Span(j.Interval), rate(j.PerHour), rate(j.AtFirst), percent(j.PerHour/a.Limit), Span(j.WorstAge), mean, p95, most)
	}
	fmt.Fprintf(t, "  all\t\t%s\t%s\t%s %%\n", rate(a.Requests), rate(a.AtFirst), percent(a.Share))
	_ = t.Flush() // a strings.Builder takes everything
	fmt.Fprintf(b, "  The limit is %s requests an hour.\n", rate(a.Limit))
	if a.Urgent != nil && a.Urgent.Mean > 0 {
		day, most := a.Urgent.busiest()
		fmt.Fprintf(b, "  Where lines are about to cross a threshold an adaptive schedule asks more: %s an hour on average, %s as a month begins, %s on its day %d,"+
			" %s as it ends, as measured with lines that use like the simulator's.\n", rate(a.Urgent.Mean), rate(a.Urgent.Days[0]), rate(most), day, rate(a.Urgent.Days[len(a.Urgent.Days)-1]))
	}
	if a.AtMost > a.Requests {
		fmt.Fprintf(b, "  It never asks more than %s an hour.\n", rate(a.AtMost))
	}
	for _, j := range a.Jobs {
		fmt.Fprintf(b, "  %s: %s.\n", j.Job, j.Basis)
		if d := j.Delay; d != nil {
			fmt.Fprintf(b, "    A crossing is seen: %s.\n", d.Basis)
			if d.BurstsP95 > 0 {
				fmt.Fprintf(b, "    Of bursts without a habit: %s, 95 in 100 within %s.\n", Span(d.BurstsMean), Span(d.BurstsP95))
			}
		}
	}
	for _, advice := range a.Advice {
		fmt.Fprintf(b, "  %s.\n", advice)
	}
}

// write writes how large it all becomes.
func (s *Sizes) write(b *strings.Builder) {
	b.WriteString("\nThe whole fleet\n")
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  accounts\t%d with such limits, 80 %% used\n", s.AccountsNeeded)
	fmt.Fprintf(t, "  processes\t%d as configured, %d with at most 100,000 lines each, which is what was measured\n", s.Shards, s.ShardsNeeded)
	fmt.Fprintf(t, "  series\t%s, %s of a process: some %d a line, and %d more of a member\n", number(s.Series), number(s.ProcessSeries), lineSeries, memberSeries)
	fmt.Fprintf(t, "  scrape\t%s, %s with gzip, of a process\n", size(s.ScrapeBytes), size(s.ScrapeZipped))
	fmt.Fprintf(t, "  memory\t%s of a process at its most", size(s.ProcessMemory))
	if s.EngineMemory > 0 {
		fmt.Fprintf(t, ", and %s of the embedded engine beside it", size(s.EngineMemory))
	}
	fmt.Fprintln(t)
	fmt.Fprintf(t, "  traffic_samples\t%s rows and %s a day, %s as long as they are kept: %.1f bytes a row\n", number(s.SampleRows), size(s.SampleBytes), size(s.TableBytes), sampleBytes)
	fmt.Fprintf(t, "  logs\t%s rows a day\n", number(s.LogRows))
	fmt.Fprintf(t, "  spool\t%s\n", s.spool())
	_ = t.Flush()
	if s.NotExported > 0 {
		fmt.Fprintf(b, "  %s lines of a process are beyond exporter.max_lines, and have no series.\n", number(float64(s.NotExported)))
	}
	if s.MoreLines > 0 {
		fmt.Fprintf(b, "  %s lines are beyond the 1,000 that the carrier lists of a contract: name them in extra_lines_file.\n", number(float64(s.MoreLines)))
	}
}

// spool is what becomes of the spool while the database is away.
func (s *Sizes) spool() string {
	if s.SpoolLasts == 0 {
		return "nothing comes that would fill it"
	}
	return fmt.Sprintf("%s a day of a process while the database is away, %d bytes a traffic answer and %d a row of the logs; full after %s, or later, since it packs",
		size(s.SpoolBytes), spoolBytes, logBytes, Span(s.SpoolLasts))
}

// size writes bytes as all surfaces do.
func size(bytes float64) string { return volume.Text(uint64(bytes)) }
