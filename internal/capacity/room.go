package capacity

import (
	"fmt"
	"strings"

	"kaisen/collector"
	"kaisen/internal/config"
)

// mostLines bounds the search for what an account has room for.
const mostLines = 10_000_000

// Room says in one line for how many lines the limits of a configuration suffice: of each account, once its session logs are
// believed, and until then. It is about the whole of each account, whatever part of it this process has.
func Room(cfg *config.Config, kinds collector.Kinds) (string, error) {
	whole := *cfg
	whole.Collector.Shard = ""
	var parts []string
	for _, source := range cfg.Sources {
		kind, known := kinds.Find(source.Kind)
		if !known || !kind.HasLines || kind.Demand == nil {
			continue
		}
		whole.Sources = []config.Source{source}
		settled, err := room(&whole, kinds, func(a Account) float64 { return a.Requests })
		if err != nil {
			return "", err
		}
		first, err := room(&whole, kinds, func(a Account) float64 { return a.AtFirst })
		if err != nil {
			return "", err
		}
		parts = append(parts, source.Name+" "+inWords(settled, first))
	}
	if len(parts) == 0 {
		return "no source has lines", nil
	}
	const shown = 5
	if len(parts) > shown {
		parts = append(parts[:shown], fmt.Sprintf("and %d more accounts", len(parts)-shown))
	}
	return "room at these limits and intervals: " + strings.Join(parts, ", ") + "; kaisen plan says more", nil
}

// inWords is how many lines there is room for.
func inWords(settled, first int) string {
	switch {
	case settled >= mostLines:
		return "any number of lines"
	case first < settled:
		return fmt.Sprintf("%s lines (%s until its session logs are believed)", number(float64(settled)), number(float64(first)))
	}
	return number(float64(settled)) + " lines"
}

// room is the most lines of the one account of a configuration whose requests fit into its limit.
func room(cfg *config.Config, kinds collector.Kinds, requests func(Account) float64) (int, error) {
	low, high := 0, mostLines
	for low < high {
		lines := (low + high + 1) / 2
		has, err := Spread(cfg, kinds, Assumed{Lines: lines})
		if err != nil {
			return 0, err
		}
		p, err := New(cfg, kinds, has)
		if err != nil {
			return 0, err
		}
		if requests(p.Accounts[0]) <= p.Accounts[0].Limit {
			low = lines
		} else {
			high = lines - 1
		}
	}
	return low, nil
}
