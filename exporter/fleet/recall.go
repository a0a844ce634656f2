package fleet

import (
	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// RestoreEpisodes takes this month's restrictions from before the start, those of each line and scope in their order. They are
// joined to what was seen since: the restriction that holds began when the first of its rows did. Lines of which nothing else is
// known are ignored.
func (f *Fleet) RestoreEpisodes(rows []schema.RestrictionEpisode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	type place struct {
		key   schema.LineKey
		scope schema.Scope
	}
	groups := make(map[*contract][]episode)
	for i := 0; i < len(rows); {
		at := place{rows[i].LineKey, rows[i].Scope}
		var past []episode
		for ; i < len(rows) && (place{rows[i].LineKey, rows[i].Scope}) == at; i++ {
			past = append(past, f.episodeOf(&rows[i]))
		}
		if at.scope == schema.ScopeLine {
			if l := f.find(at.key); l != nil && l.traffic[scopeLine].known {
				l.episodes.recall(past, l.traffic[scopeLine].observed)
			}
			continue
		}
		c := f.contracts[contractKey{exposition.CleanLabel(at.key.Source), exposition.CleanLabel(at.key.ContractID)}]
		if c != nil && (groups[c] == nil || past[0].from < groups[c][0].from) { // each member was told of the group: who was first knows most
			groups[c] = past
		}
	}
	for c, past := range groups {
		if c.pool.known {
			c.pool.episodes.recall(past, c.pool.observed)
		}
	}
}

func (f *Fleet) episodeOf(row *schema.RestrictionEpisode) episode {
	return episode{
		restriction: indexOf(f.codes.restrictions, row.Restriction), atLeast: row.AtLeast,
		from: row.StartedAt.UnixMilli(), until: milliOf(row.EndedAt),
	}
}

// recall puts earlier episodes before those that were seen, of which the last answer, at observed, is the newest.
func (e *episodes) recall(past []episode, observed int64) {
	all := past[:len(past):len(past)]
	for _, is := range e.all {
		if last := len(all) - 1; last >= 0 {
			switch was := &all[last]; {
			case was.restriction == is.restriction && (was.until == 0 || was.until >= is.from):
				if is.atLeast {
					is.from, is.atLeast = min(was.from, is.from), was.atLeast
				}
				all = all[:last]
			case was.from >= is.from:
				all = all[:last]
			case was.until == 0 || was.until > is.from:
				was.until = is.from
			}
		}
		all = append(all, is)
	}
	if last := len(all) - 1; len(e.all) == 0 && last >= 0 && all[last].until == 0 {
		all[last].until = max(observed, all[last].from+1) // the answer shows that it is over
	}
	e.all = all[max(0, len(all)-maxEpisodes):]
}
