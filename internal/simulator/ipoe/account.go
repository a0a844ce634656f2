package ipoe

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// accountID is the account's system ID (システムID).
const accountID = "A10000101"

// account is what the IPoE backend knows: sites and orders, in the order in which they came. Both are replaced and never
// changed, so that a reader has the whole of one.
type account struct {
	mu     sync.RWMutex
	seed   uint64
	sites  []*site
	orders []*order
}

// siteProduct is a product that a site has for a while.
type siteProduct struct {
	product
	from, until int64 // seconds; until 0: for ever
}

func (p siteProduct) has(at int64) bool { return p.from <= at && (p.until == 0 || at < p.until) }

// site is a place that is connected, with everything that the carrier says of it.
type site struct {
	n        int
	seed     uint64
	born     int64 // the second from which on there is such a site
	end      int64 // the second at which it is given up; 0: not
	customer string
	name     string
	caseName string
	lineID   string
	lineKey  string
	products []siteProduct
	given    map[string]map[string]string // the objects that its order gave: places, addresses
}

// newAccount makes the sites there are from the beginning, each with the order that once opened it. One in sixteen has
// been given up.
func newAccount(cfg Config) *account {
	cal := cfg.Calendar
	today := cal.Day(cfg.Start.Unix())
	b := &account{seed: chance.Of(cfg.Seed, chance.AboutSite, 0)}
	catalogue := products()
	for i := range cfg.Sites {
		seed := chance.Of(b.seed, chance.AboutSite, uint64(i+1))
		day := today - 10 - int(seed%1500)
		s := &site{
			n: i + 1, seed: seed, born: cal.Midnight(day), customer: accountID,
			name: fmt.Sprintf("第%d拠点", i+1), caseName: [...]string{"鈴木商店", "模擬商事", "展示場"}[seed>>16%3],
			lineID: fmt.Sprintf("CAF%010d", 1_000_000_000+i), lineKey: secretText(seed, 1, 8),
		}
		main := catalogue[seed>>24%7]
		s.products = []siteProduct{{main, s.born, 0}}
		if main.dedicated() {
			s.given = dedicatedExample(i)
			if seed>>32%3 == 0 {
				s.products = append(s.products, siteProduct{catalogue[7+seed>>36%2], s.born, 0})
			}
		}
		if seed>>40%16 == 0 {
			s.end = cal.Midnight(day + 5)
			for j := range s.products {
				s.products[j].until = s.end
			}
		}
		b.sites = append(b.sites, s)
		b.orders = append(b.orders, &order{
			code: orderCode(i + 1), kind: kindStart, site: s.code(), placed: s.born - 7*calendar.DaySeconds, done: s.born,
			hopeToStart: calendar.Digits(day), from: s,
		})
	}
	return b
}

// dedicatedExample is what an order gives of a place to which a CPE is sent, as in the document.
func dedicatedExample(i int) map[string]map[string]string {
	return map[string]map[string]string{
		"installationLocation": {
			"zipCode": "1050003", "prefectures": "東京都", "address": "港区西新橋2-14-1", "companyName": "模擬商事株式会社",
			"departmentName": "店舗運営部", "clientName": "現地 担当", "tel": "05000000000",
		},
		"lanAddress": {
			"lanNetworkAddress": fmt.Sprintf("192.168.%d.0/24", i%250), "lanInterfaceAddress": fmt.Sprintf("192.168.%d.1", i%250),
		},
		"dhcpServerFunction": {
			"startAddress": fmt.Sprintf("192.168.%d.100", i%250), "endAddress": fmt.Sprintf("192.168.%d.200", i%250),
			"dns1": "192.0.2.1", "dns2": "192.0.2.2",
		},
	}
}

// secretText is n letters and digits that look like nothing else.
func secretText(seed, what uint64, n int) string {
	var b []byte
	for i := uint64(0); len(b) < n; i++ {
		b = strconv.AppendUint(b, chance.Of(seed, chance.AboutSite, what<<8|i), 36)
	}
	return string(b[:n])
}

func (s *site) code() string     { return fmt.Sprintf("int-%08d", 10_000_000+s.n) }
func (s *site) tunnel() string   { return strconv.Itoa(10_000_000 + s.n) }
func (s *site) globalIP() string { return fmt.Sprintf("203.0.%d.%d/32", s.n>>8&255, s.n&255) }

// keys are the pre-shared keys of the two gateways.
func (s *site) keys() [2]string {
	return [2]string{secretText(s.seed, 2, 30), secretText(s.seed, 3, 30)}
}

// updateUser and updatePassword are the site's account at the update server (固定IP(MF) alone).
func (s *site) updateUser() string     { return fmt.Sprintf("u%010d", s.n) }
func (s *site) updatePassword() string { return secretText(s.seed, 4, 8) }

// secrets are what nobody but the client may see of the site.
func (s *site) secrets() []string {
	keys := s.keys()
	return []string{s.lineKey, keys[0], keys[1], s.updatePassword()}
}

// ended reports whether the site has been given up.
func (s *site) ended(at int64) bool { return s.end != 0 && at >= s.end }

// main is the site's main product, also that of a site given up.
func (s *site) main() product { return s.products[0].product }

// now are the products that the site has at a second.
func (s *site) now(at int64) []product {
	var list []product
	for _, p := range s.products {
		if p.has(at) {
			list = append(list, p.product)
		}
	}
	return list
}

func (b *account) allSites() []*site {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sites
}

func (b *account) allOrders() []*order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.orders
}

// site is the site with a number, if there is one by a second.
func (b *account) site(code string, at int64) *site {
	for _, s := range b.allSites() {
		if s.code() == code && at >= s.born {
			return s
		}
	}
	return nil
}

// replace puts a changed site in the place of what it was.
func (b *account) replace(old, next *site) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sites = slices.Clone(b.sites)
	b.sites[slices.Index(b.sites, old)] = next
}

// add keeps a new order, and the site that it will open, if any.
func (b *account) add(o *order, opens *site) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders = append(slices.Clip(b.orders), o)
	if opens != nil {
		b.sites = append(slices.Clip(b.sites), opens)
	}
}
