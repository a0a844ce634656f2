package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is a thing that goes wrong with a request.
type FaultKind string

const (
	Fault429        FaultKind = "429"         // refused by the gateway; a duration behind it is in Retry-After (1s)
	Fault500        FaultKind = "500"         // Internal Server Error
	Fault503        FaultKind = "503"         // System Maintainance; a duration behind it is in Retry-After
	FaultSlow       FaultKind = "slow"        // answered the duration behind it later (5s)
	FaultHang       FaultKind = "hang"        // never answered
	FaultDrop       FaultKind = "drop"        // the connection is closed without an answer
	FaultCut        FaultKind = "cut"         // the connection is closed in the middle of the body
	FaultHTML       FaultKind = "html"        // a page for people, with the status behind it (200)
	FaultMalformed  FaultKind = "malformed"   // half of the JSON, as if it were whole
	FaultOversize   FaultKind = "oversize"    // a good answer of more than 1 MiB
	FaultNull       FaultKind = "null"        // a traffic answer in which some figures are NULL
	FaultOverflow   FaultKind = "overflow"    // a traffic answer in which today is 2^64, which the documents allow
	FaultAbnormal   FaultKind = "result1"     // call 26 answers resultCode 1
	FaultTooMany    FaultKind = "result2"     // call 26 answers resultCode 2
	FaultTokenDeath FaultKind = "token-death" // the token is invalid from this request on
	FaultOrderError FaultKind = "order-error" // an order ends in status 05, system error, and does nothing
	FaultOrderStuck FaultKind = "order-stuck" // an order stays in its second status for ever
)

func faultKinds() []FaultKind {
	return []FaultKind{
		Fault429, Fault500, Fault503, FaultSlow, FaultHang, FaultDrop, FaultCut, FaultHTML, FaultMalformed,
		FaultOversize, FaultNull, FaultOverflow, FaultAbnormal, FaultTooMany, FaultTokenDeath, FaultOrderError, FaultOrderStuck,
	}
}

// Fault is one entry of a fault list. Either Probability is above 0, or For is: the fault then holds for For,
// beginning After the list was set, once or, where Every is above 0, in each Every. All in real time.
type Fault struct {
	Operations  []string // empty: all, tokens included
	Kind        FaultKind
	Probability float64 // 0 to 1, of each request
	For         time.Duration
	After       time.Duration
	Every       time.Duration
	Delay       time.Duration // slow: how late; 429 and 503: what Retry-After says
	Status      int           // html
}

// ParseFaults reads a comma-separated list of
//
//	[operation[+operation].]kind:when[:argument]
//
// where when is a probability (0.01), a window of real time after the list was set (30s@60s: for 30 s, from second
// 60 on) or a repeated window (30s/5m: for the first 30 s of each 5 m), and argument is a duration for slow
// (slow:0.01:2s), 429 and 503 (what Retry-After says), a status for html. An empty list is no faults. The
// operations are those there are. The error lists every mistake, each with its entry.
func ParseFaults(list string, operations []string) ([]Fault, error) {
	var faults []Fault
	var errs []error
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		f, problems := parseFault(entry, operations)
		for _, p := range problems {
			errs = append(errs, fmt.Errorf("%q: %s", entry, p))
		}
		faults = append(faults, f)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return faults, nil
}

func parseFault(entry string, operations []string) (f Fault, problems []string) {
	parts := strings.Split(entry, ":")
	kind := parts[0]
	if names, rest, ok := strings.Cut(kind, "."); ok {
		kind = rest
		f.Operations = strings.Split(names, "+")
		for _, name := range f.Operations {
			if !slices.Contains(operations, name) {
				problems = append(problems, fmt.Sprintf("no operation %q; there are %s", name, strings.Join(operations, ", ")))
			}
		}
	}
	f.Kind = FaultKind(kind)
	if !slices.Contains(faultKinds(), f.Kind) {
		problems = append(problems, fmt.Sprintf("no fault %q; there are %v", kind, faultKinds()))
	}
	if len(parts) < 2 || len(parts) > 3 {
		return f, append(problems, "must be kind:when or kind:when:argument")
	}
	if problem := f.when(parts[1]); problem != "" {
		problems = append(problems, problem)
	}
	argument := ""
	if len(parts) == 3 {
		argument = parts[2]
	}
	if problem := f.argument(argument, len(parts) == 3); problem != "" {
		problems = append(problems, problem)
	}
	return f, problems
}

// when reads a probability or a window, and says what is wrong with it.
func (f *Fault) when(text string) string {
	if p, err := strconv.ParseFloat(text, 64); err == nil {
		if f.Probability = p; !(p > 0 && p <= 1) {
			return fmt.Sprintf("probability %s: must be above 0, at most 1", text)
		}
		return ""
	}
	length, start, once := strings.Cut(text, "@")
	repeat, repeated := "", false
	if !once {
		length, repeat, repeated = strings.Cut(text, "/")
	}
	var bad []string
	read := func(to *time.Duration, text string) {
		d, err := time.ParseDuration(text)
		if *to = d; err != nil || d < 0 {
			bad = append(bad, text)
		}
	}
	read(&f.For, length)
	if once {
		read(&f.After, start)
	}
	if repeated {
		read(&f.Every, repeat)
	}
	switch {
	case len(bad) > 0 || !once && !repeated:
		return fmt.Sprintf("%q is neither a probability (0.01) nor a window (30s@60s, 30s/5m)", text)
	case f.For == 0 || repeated && f.Every <= f.For:
		return fmt.Sprintf("window %q: its length must be above 0 and below what it repeats in", text)
	}
	return ""
}

// argument reads what stands behind the second colon, and fills in what need not stand there.
func (f *Fault) argument(text string, given bool) string {
	switch f.Kind {
	case Fault429:
		f.Delay = time.Second
	case FaultSlow:
		f.Delay = 5 * time.Second
	case FaultHTML:
		f.Status = 200
	}
	if !given {
		return ""
	}
	switch f.Kind {
	case Fault429, Fault503, FaultSlow:
		d, err := time.ParseDuration(text)
		if f.Delay = d; err != nil || d <= 0 {
			return fmt.Sprintf("%q is not a duration such as 2s", text)
		}
	case FaultHTML:
		status, err := strconv.Atoi(text)
		if f.Status = status; err != nil || status < 200 || status > 599 {
			return fmt.Sprintf("%q is not a status from 200 to 599", text)
		}
	default:
		return fmt.Sprintf("%s takes no argument", f.Kind)
	}
	return ""
}

// String is the entry in the form that SetFaults takes.
func (f Fault) String() string {
	var b strings.Builder
	if len(f.Operations) > 0 {
		b.WriteString(strings.Join(f.Operations, "+") + ".")
	}
	b.WriteString(string(f.Kind) + ":")
	switch {
	case f.Probability > 0:
		b.WriteString(strconv.FormatFloat(f.Probability, 'g', -1, 64))
	case f.Every > 0:
		fmt.Fprintf(&b, "%s/%s", f.For, f.Every)
	default:
		fmt.Fprintf(&b, "%s@%s", f.For, f.After)
	}
	switch {
	case f.Delay > 0:
		fmt.Fprintf(&b, ":%s", f.Delay)
	case f.Status > 0:
		fmt.Fprintf(&b, ":%d", f.Status)
	}
	return b.String()
}
