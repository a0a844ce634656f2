package collector

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"kaisen/collector/carrier"
	ipoe "kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// pollSite is the one question that a site is asked.
const pollSite = 0

// site is what the collector remembers of a site.
type site struct {
	code string
	turns
	wanted atomic.Bool // its details are to be asked for

	list   schema.IPoESiteBrief // what the list told last
	detail schema.IPoESite      // what the details told last
	row    schema.IPoESite      // as made last
}

// site finds a site, or makes one that nothing is known of.
func (i *IPoE) site(code string) *site {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, known := i.sites[code]
	if !known {
		s = &site{code: code, turns: turns{phase: phaseOf(i.source, code)}}
		i.sites[code] = s
	}
	return s
}

// allSites are the sites by their codes, whatever is known of them.
func (i *IPoE) allSites() []*site {
	i.mu.Lock()
	defer i.mu.Unlock()
	codes := slices.Sorted(maps.Keys(i.sites))
	sites := make([]*site, len(codes))
	for n, code := range codes {
		sites[n] = i.sites[code]
	}
	return sites
}

// wantedSites are those whose details are worth asking for: those in use, because of one that has ended nothing changes
// any more.
func (i *IPoE) wantedSites() []*site {
	return slices.DeleteFunc(i.allSites(), func(s *site) bool { return !s.wanted.Load() })
}

func (s *site) restore(row schema.IPoESite) {
	s.list, s.detail, s.row = row.IPoESiteBrief, row, row // what told which of it is no longer known
	s.wanted.Store(row.Listed && row.Status != schema.SiteEnded)
	if row.DetailReceivedAt.Known {
		s.finish(pollSite, row.DetailReceivedAt.V)
	}
}

// readSites reads the list of sites.
func (i *IPoE) readSites(ctx context.Context, p *pass) error {
	answer, err := i.carrier.AllSites(ctx, ipoe.SitesRequest{})
	key := schema.LineKey{Source: i.source}
	if err != nil {
		return i.failed(ctx, p, key, JobCustomerSites, err)
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	rows := schema.Batch{DeadLetters: lettersOf(key, JobCustomerSites, answer)}
	listed := make(map[*site]bool, len(answer.Value))
	for n := range answer.Value {
		s := i.site(answer.Value[n].CustomerSiteCode)
		s.list = siteBrief(&answer.Value[n])
		listed[s] = true
	}
	for _, s := range i.allSites() {
		if listed[s] || s.row.Listed {
			if row := i.tellSite(s, listed[s], answer.ObservedAt); i.whole(s) {
				rows.IPoESites = append(rows.IPoESites, row)
			}
		}
	}
	return i.write(ctx, p, rows)
}

// whole reports whether a site's row can be written without blanking details that an earlier process was told.
func (i *IPoE) whole(s *site) bool {
	return i.remembers || s.row.DetailObservedAt.Known || !i.on(JobCustomerSiteDetails)
}

// tellSite makes a site's row of what is known of it; the caller holds writing.
func (i *IPoE) tellSite(s *site, listed bool, at time.Time) schema.IPoESite {
	row := s.detail
	overlay(&row.IPoESiteBrief, &s.list)
	row.Status = cmp.Or(row.Status, schema.SiteUnknown)
	row.Source, row.CustomerSiteCode, row.Listed = i.source, s.code, listed
	row.FirstSeen, row.ObservedAt = s.row.FirstSeen, newest(s.row.ObservedAt, at)
	if row.FirstSeen.IsZero() {
		row.FirstSeen = at
	}
	s.row = row
	s.wanted.Store(listed && (row.Status != schema.SiteEnded || !i.whole(s)))
	return row
}

// newest is the later of two times, so that a row that was made later is never the older one to the database.
func newest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pollSite asks for the details of a site. One that the carrier does not know by itself, although its list has it, is
// asked about again in an interval.
func (i *IPoE) pollSite(ctx context.Context, p *pass, s *site) error {
	answer, err := i.carrier.Site(ctx, ipoe.SiteRequest{CustomerSiteCode: s.code})
	if isUnknown(err) {
		return nil
	}
	key := schema.LineKey{Source: i.source}
	if err != nil {
		return i.failed(ctx, p, key, JobCustomerSiteDetails, err)
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	s.detail = siteDetailRow(&answer.Value)
	s.detail.DetailObservedAt, s.detail.DetailReceivedAt = schema.Some(answer.ObservedAt), schema.Some(answer.ReceivedAt)
	return i.write(ctx, p, schema.Batch{
		IPoESites:   []schema.IPoESite{i.tellSite(s, s.row.Listed, answer.ObservedAt)},
		DeadLetters: lettersOf(key, JobCustomerSiteDetails, answer),
	})
}

// isUnknown tells that the carrier knows no such site or order, in either of its ways.
func isUnknown(err error) bool {
	kind, _ := carrier.KindOf(err)
	return kind == carrier.KindNotFound || ipoe.HasCode(err, ipoe.CodeNotFound)
}
