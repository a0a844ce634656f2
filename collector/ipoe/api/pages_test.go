package api

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
)

// shelf is a carrier's list of sites; each request may change it.
type shelf struct {
	codes     []string
	most      int            // rows a page has at most, whatever is asked
	deaf      bool           // it does not heed the offset
	fromZero  bool           // it counts from 0, so that offset 10 is the 11th row
	change    map[int]func() // before the request of this number, counted from 1
	asked     []string
	warnsAt   int
	failsAt   int
	mostAsked int // a test that asks more often does not end
}

func (s *shelf) page(_ context.Context, r SitesRequest) (carrier.Answer[[]Site], error) {
	s.asked = append(s.asked, fmt.Sprintf("%d+%d", r.Offset, r.Limit))
	n := len(s.asked)
	if n > s.mostAsked {
		return carrier.Answer[[]Site]{}, errors.New("asked too often")
	}
	if change := s.change[n]; change != nil {
		change()
	}
	if n == s.failsAt {
		return carrier.Answer[[]Site]{}, &carrier.Error{Kind: carrier.KindServer}
	}
	begin := max(r.Offset-1, 0)
	if s.fromZero {
		begin = r.Offset
	}
	if s.deaf {
		begin = 0
	}
	limit := r.Limit
	if s.most > 0 {
		limit = min(limit, s.most)
	}
	answer := carrier.Answer[[]Site]{Status: 200, ObservedAt: time.Unix(int64(n), 0), Payload: []byte{byte('0' + n)}}
	for i := begin; i < len(s.codes) && len(answer.Value) < limit; i++ {
		answer.Value = append(answer.Value, Site{CustomerSiteCode: s.codes[i], CaseName: fmt.Sprint(n)})
	}
	if n == s.warnsAt {
		answer.Warnings = []carrier.Warning{{Field: "status", Reason: "unknown_code"}}
	}
	return answer, nil
}

func codes(from, to int) []string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprintf("int-%05d", n))
	}
	return all
}

func TestAllReadsToTheEnd(t *testing.T) {
	limit := SitesRequest{Limit: 10, Offset: 7, CaseName: "鈴木商店"}
	for name, c := range map[string]struct {
		shelf shelf
		want  []string
		asked string
	}{
		"nothing":      {shelf{}, nil, "0+10"},
		"one row":      {shelf{codes: codes(1, 1)}, codes(1, 1), "0+10 2+10"},
		"one page":     {shelf{codes: codes(1, 10)}, codes(1, 10), "0+10 10+10"},
		"three pages":  {shelf{codes: codes(1, 25)}, codes(1, 25), "0+10 10+10 19+10 25+10"},
		"fewer a page": {shelf{codes: codes(1, 9), most: 4}, codes(1, 9), "0+10 4+10 7+10 9+10"},
		"one a page":   {shelf{codes: codes(1, 3), most: 1}, codes(1, 3), "0+10 2+10 3+10 4+10"},
		"two a page":   {shelf{codes: codes(1, 3), most: 2}, codes(1, 3), "0+10 2+10 3+10"},
		"deaf":         {shelf{codes: codes(1, 7), deaf: true}, codes(1, 7), "0+10 7+10"},
		"from zero":    {shelf{codes: codes(1, 12), fromZero: true}, codes(1, 12), "0+10 10+10 9+10 11+10"},
		"zero, a page": {shelf{codes: codes(1, 10), fromZero: true}, codes(1, 10), "0+10 10+10 9+10"},
		"zero, fewer":  {shelf{codes: codes(1, 3), fromZero: true}, codes(1, 3), "0+10 3+10 2+10"},
	} {
		s := c.shelf
		s.mostAsked = 20
		got, err := all(t.Context(), opSites, limit, s.page, func(s *Site) string { return s.CustomerSiteCode }, narrowSites)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, codesOf(got.Value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if asked := strings.Join(s.asked, " "); asked != c.asked {
			t.Errorf("%s asked for %s, want %s", name, asked, c.asked)
		}
	}
}

func codesOf(sites []Site) []string {
	var all []string
	for _, site := range sites {
		all = append(all, site.CustomerSiteCode)
	}
	return all
}

func TestAllMeetsRowsThatMove(t *testing.T) {
	for name, change := range map[string]func(s *shelf){
		"a row before the page goes":  func(s *shelf) { s.codes = s.codes[1:] },
		"ten rows before it go":       func(s *shelf) { s.codes = s.codes[10:] },
		"a row before the page comes": func(s *shelf) { s.codes = append([]string{"int-00000"}, s.codes...) },
		"the end goes":                func(s *shelf) { s.codes = s.codes[:5] },
		"all is turned around":        func(s *shelf) { slices.Reverse(s.codes) },
	} {
		for at := range 5 {
			s := &shelf{codes: codes(1, 40), mostAsked: 30}
			s.change = map[int]func(){at: func() { change(s) }}
			got, err := all(t.Context(), opSites, SitesRequest{Limit: 10}, s.page, func(s *Site) string { return s.CustomerSiteCode }, narrowSites)
			if err != nil {
				t.Errorf("%s before request %d: %v", name, at, err)
				continue
			}
			found := codesOf(got.Value)
			if n := len(found); n != len(slices.Compact(slices.Sorted(slices.Values(found)))) {
				t.Errorf("%s before request %d: a row comes twice: %v", name, at, found)
			}
			for _, code := range s.codes { // what is there in the end was there all the time, or came before its page
				if code != "int-00000" && !slices.Contains(found, code) {
					t.Errorf("%s before request %d: %s is lost", name, at, code)
				}
			}
		}
	}
}

// What moves each time is read as far as it was met, and whoever knows what should be there can tell whether all of it was.
func TestAllEndsThoughRowsKeepMoving(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *shelf)
		least  int // rows that are met
	}{
		"the first becomes the last": {func(s *shelf) { s.codes = append(s.codes[1:], s.codes[0]) }, 40},
		"another order each time": {func(s *shelf) {
			rand.New(rand.NewPCG(7, uint64(len(s.asked)))).Shuffle(len(s.codes), func(i, j int) { s.codes[i], s.codes[j] = s.codes[j], s.codes[i] })
		}, 30},
	} {
		s := &shelf{codes: codes(1, 40), mostAsked: 24, change: map[int]func(){}}
		for n := range 24 {
			s.change[n] = func() { c.change(s) }
		}
		got, err := all(t.Context(), opSites, SitesRequest{Limit: 10}, s.page, siteKey, narrowSites)
		if !errors.Is(err, ErrMoved) || !IsPartial(err) || len(got.Value) < c.least {
			t.Errorf("%s: %d sites after %d requests, error %v", name, len(got.Value), len(s.asked), err)
		}
	}
}

// A list that ends before a row that it had a moment ago is not all of it, however often it says so.
func TestAllMeetsAListThatEndsTooSoon(t *testing.T) {
	for name, c := range map[string]struct {
		shelf shelf
		empty func(request, offset int) bool
		rows  int
		whole bool
	}{
		"after a page":      {shelf{codes: codes(1, 40)}, func(_, offset int) bool { return offset > 1 }, 10, false},
		"after three pages": {shelf{codes: codes(1, 40)}, func(_, offset int) bool { return offset > 20 }, 28, false},
		"once":              {shelf{codes: codes(1, 40)}, func(n, _ int) bool { return n == 3 || n == 4 }, 40, true},
		"everything goes":   {shelf{codes: codes(1, 40)}, func(n, _ int) bool { return n > 2 }, 19, false},
		"one page always":   {shelf{codes: codes(1, 70), deaf: true}, func(int, int) bool { return false }, 10, false},
	} {
		s := c.shelf
		s.mostAsked = 20
		got, err := all(t.Context(), opSites, SitesRequest{Limit: 10}, func(ctx context.Context, r SitesRequest) (carrier.Answer[[]Site], error) {
			answer, err := s.page(ctx, r)
			if c.empty(len(s.asked), r.Offset) {
				answer.Value = nil
			}
			return answer, err
		}, siteKey, narrowSites)
		if c.whole != (err == nil) || !c.whole && (!IsPartial(err) || errors.Is(err, ErrMoved)) || len(got.Value) != c.rows {
			t.Errorf("%s: %d sites after %v, error %v", name, len(got.Value), s.asked, err)
		}
	}
}

func TestAllTellsWhereItsAnswerComesFrom(t *testing.T) {
	s := &shelf{codes: codes(1, 25), mostAsked: 9, warnsAt: 2}
	got, err := all(t.Context(), opSites, SitesRequest{Limit: 10}, s.page, func(s *Site) string { return s.CustomerSiteCode }, narrowSites)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 200 || !got.ObservedAt.Equal(time.Unix(1, 0)) || string(got.Payload) != "2" || len(got.Warnings) != 1 {
		t.Errorf("answer %+v", got)
	}
	if row := got.Value[9]; row.CaseName != "2" { // the overlap, as the second page gave it
		t.Errorf("row %+v is not the newer one", row)
	}
}

func TestAllGivesUp(t *testing.T) {
	s := &shelf{codes: codes(1, 25), mostAsked: 9, failsAt: 2}
	key := func(s *Site) string { return s.CustomerSiteCode }
	if _, err := all(t.Context(), opSites, SitesRequest{Limit: 10}, s.page, key, narrowSites); err == nil || len(s.asked) != 2 {
		t.Errorf("error %v after %d requests", err, len(s.asked))
	}
	s = &shelf{codes: codes(1, 12000), mostAsked: 30}
	_, err := all(t.Context(), opSites, SitesRequest{}, s.page, key, narrowSites)
	if kind, _ := carrier.KindOf(err); kind != carrier.KindTooLarge || !strings.HasPrefix(err.Error(), "customer_sites: answer too large: the list goes on after 10") {
		t.Errorf("error %v after %v", err, s.asked)
	}
	if s.asked[0] != "0+500" || s.asked[1] != "500+500" {
		t.Errorf("asked %v", s.asked)
	}
}
