package ipoe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// askDetails is the one question that a site is asked.
const askDetails = 0

// site is what the collector remembers of a site.
type site struct {
	code string
	*collector.PollState
	wanted  atomic.Bool // its details are to be asked for
	final   bool        // they were read since it ended
	unknown bool        // the carrier knows no such site, when asked about it alone

	list   schema.IPoESiteBrief // what the list said last
	detail schema.IPoESite      // what the details said last
	row    schema.IPoESite      // as made last
}

// site finds a site, or makes one that nothing is known of.
func (c *Collector) site(code string) *site {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, known := c.sites[code]
	if !known {
		s = &site{code: code, PollState: collector.NewPollState(c.Source, code)}
		c.sites[code] = s
	}
	return s
}

// allSites are the sites by their codes, whatever is known of them.
func (c *Collector) allSites() []*site {
	c.mu.Lock()
	defer c.mu.Unlock()
	codes := slices.Sorted(maps.Keys(c.sites))
	sites := make([]*site, len(codes))
	for n, code := range codes {
		sites[n] = c.sites[code]
	}
	return sites
}

// wantedSites are those whose details are worth asking for: those in use, and once more those that have ended, for the
// day on which the charges ended and the addresses that were taken back. After that nothing changes any more.
func (c *Collector) wantedSites() []*site {
	return slices.DeleteFunc(c.allSites(), func(s *site) bool { return !s.wanted.Load() })
}

// restore takes in a row of an earlier process; the caller holds writing. What was read meanwhile counts.
func (s *site) restore(row schema.IPoESite) {
	if !s.row.FirstSeen.IsZero() {
		s.row.FirstSeen = row.FirstSeen
		if !s.detail.DetailObservedAt.Known {
			s.detail = row
		}
		return
	}
	s.list, s.detail, s.row = row.IPoESiteBrief, row, row // which answer said which of it is no longer known
	s.final = row.Status == schema.SiteEnded && len(row.ContractEnds) > 0 &&
		!slices.ContainsFunc(row.ContractEnds, func(end schema.Opt[schema.Date]) bool { return !end.Known })
	s.wanted.Store(row.Listed && !s.final)
	if asked := row.DetailReceivedAt; asked.Known && asked.V.Before(time.Now()) { // nobody was asked in the future
		s.Restored(askDetails, asked.V)
	}
}

// readSites reads the list of sites. What was read of one that could not be read to its end, or not every row of it, is
// kept, and proves no site gone.
func (c *Collector) readSites(ctx context.Context, sweep *collector.Sweep) error {
	answer, err := c.carrier.AllSites(ctx, api.SitesRequest{})
	if err != nil && !api.IsPartial(err) {
		return c.Failed(ctx, sweep, schema.LineKey{Source: c.Source}, JobSites, err)
	}
	unmet, stored := c.takeSites(ctx, sweep, answer, err == nil && carrier.LeftOut(answer.Warnings) == 0)
	return c.partly(ctx, sweep, JobSites, err, unmet, stored)
}

// partly is the failure of a list of which a part was read, once that is stored; nil where all of it was. Of a list whose
// rows moved all of it was where every row that is known was met.
func (c *Collector) partly(ctx context.Context, sweep *collector.Sweep, job string, failure error, unmet int, stored error) error {
	moved := errors.Is(failure, api.ErrMoved)
	if failure == nil || stored != nil || moved && unmet == 0 {
		return stored
	}
	if moved {
		failure = fmt.Errorf("%w; of those known %d were not met", failure, unmet)
	}
	return c.Failed(ctx, sweep, schema.LineKey{Source: c.Source}, job, failure)
}

// takeSites takes in the list of sites, or a part of it. It returns how many of those known were not met.
func (c *Collector) takeSites(ctx context.Context, sweep *collector.Sweep, answer carrier.Answer[[]api.Site], whole bool) (unmet int, err error) {
	key := schema.LineKey{Source: c.Source}
	c.writing.Lock()
	defer c.writing.Unlock()
	rows := schema.Batch{DeadLetters: collector.DeadLetters(key, JobSites, answer)}
	listed := make(map[*site]bool, len(answer.Value))
	for n := range answer.Value {
		s := c.site(answer.Value[n].CustomerSiteCode)
		s.list = siteBrief(&answer.Value[n])
		listed[s] = true
	}
	left := 0
	missing, believed := collector.Lost(&c.siteDoubt, slices.Values(c.allSites()), func(s *site) (was, is bool) {
		return s.row.Listed, listed[s] || !whole
	})
	for _, s := range c.allSites() {
		is := listed[s]
		if !is && s.row.Listed {
			unmet++
		}
		if !is && s.row.Listed && (!whole || !believed && !s.unknown) {
			continue
		}
		if is || s.row.Listed {
			if !is {
				left++
			}
			if row := c.remakeSite(s, is, answer.ObservedAt); c.whole(s) {
				rows.IPoESites = append(rows.IPoESites, row)
			}
		}
	}
	c.LogLoss(JobSites, left, missing-left)
	return unmet, c.Write(ctx, sweep, rows)
}

// whole reports whether a site's row can be written without blanking details that an earlier process read.
func (c *Collector) whole(s *site) bool {
	return c.remembers || s.row.DetailObservedAt.Known || !c.On(JobSiteDetails)
}

// remakeSite makes a site's row of what is known of it; the caller holds writing.
func (c *Collector) remakeSite(s *site, listed bool, at time.Time) schema.IPoESite {
	row := s.detail
	overlay(&row.IPoESiteBrief, &s.list, "") // what a site had when it ended stays
	row.Status = cmp.Or(row.Status, schema.SiteUnknown)
	row.Source, row.CustomerSiteCode, row.Listed = c.Source, s.code, listed
	row.FirstSeen, row.ObservedAt = s.row.FirstSeen, newest(s.row.ObservedAt, at)
	if row.FirstSeen.IsZero() {
		row.FirstSeen = at
	}
	s.row = row
	s.final = s.final && row.Status == schema.SiteEnded
	s.wanted.Store(listed && (!s.final || !c.whole(s)))
	return row
}

// newest is the later of when a row was observed before and now, so that a row that was made later is never the older one
// to the database: unless that was more than a day ahead, which no clock has been.
func newest(before, now time.Time) time.Time {
	if before.After(now) && before.Sub(now) < 24*time.Hour {
		return before
	}
	return now
}

// pollSite asks for the details of a site. One that the carrier does not know by itself, although its list has it, is
// asked about again in an interval.
func (c *Collector) pollSite(ctx context.Context, sweep *collector.Sweep, s *site) error {
	answer, err := c.carrier.Site(ctx, api.SiteRequest{CustomerSiteCode: s.code})
	if isUnknown(err) {
		c.writing.Lock()
		defer c.writing.Unlock()
		s.unknown = true
		if s.final = s.row.Status == schema.SiteEnded; s.final {
			s.wanted.Store(!c.whole(s))
		}
		return nil
	}
	key := schema.LineKey{Source: c.Source}
	if err != nil {
		return c.Failed(ctx, sweep, key, JobSiteDetails, err)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	s.unknown = false
	s.detail = siteDetailRow(&answer.Value)
	s.final = s.list.Status == schema.SiteEnded || s.detail.Status == schema.SiteEnded
	s.detail.DetailObservedAt, s.detail.DetailReceivedAt = schema.Some(answer.ObservedAt), schema.Some(answer.ReceivedAt)
	return c.Write(ctx, sweep, schema.Batch{
		IPoESites:   []schema.IPoESite{c.remakeSite(s, s.row.Listed, answer.ObservedAt)},
		DeadLetters: collector.DeadLetters(key, JobSiteDetails, answer),
	})
}

// isUnknown reports that the carrier knows no such site or order, in either of its ways: 400 with a code of its own, and
// 404 with its list of errors. The page of a gateway and a redirect say nothing of a site.
func isUnknown(err error) bool {
	if api.HasCode(err, api.CodeNotFound) {
		return true
	}
	failure := carrier.FailureOf(err)
	if failure.Kind != carrier.KindNotFound || failure.Status != http.StatusNotFound {
		return false
	}
	errors, _, odd := lenient.DecodeRows[api.Error](new(lenient.Decoder), failure.Payload, "errors")
	return odd == nil && len(errors) > 0
}
