package main

import (
	"fmt"
	"io"
	"time"
)

func heading(to io.Writer) {
	fmt.Fprintln(to, "| traffic | lines | req/s | policy | crossings | missed | mean | p50 | p95 | p99 | worst age | requests | decisions/s |")
	fmt.Fprintln(to, "| --- | --: | --: | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
}

func row(to io.Writer, model string, lines int, rate float64, policy string, r result) {
	fmt.Fprintf(to, "| %s | %d | %g | %s | %d | %d | %s | %s | %s | %s | %s | %d | %.0f |\n", model, lines, rate, policy,
		r.crossings, r.missed, short(r.mean()), short(r.quantile(0.5)), short(r.quantile(0.95)), short(r.quantile(0.99)),
		short(r.worstAge), r.requests, r.perSecond)
}

// short is seconds in two or three digits.
func short(seconds float64) string {
	switch d := time.Duration(seconds * 1e9); {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.1f min", d.Minutes())
	default:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
}
