package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator/simulatortest"
)

// No secret of an answer is one that the carrier does not own up to.
func TestSecrets(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	before := c.Carrier.Secrets()
	c.Order("POST", "N000000001/lines", simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "1")))
	c.Backend("POST", "orders", simulatortest.StartBody("1-1-1-2-1"), 201)
	after := c.Carrier.Secrets()
	for _, secret := range []string{"n0tify-me", "pa55<?{}", "k3yk3yk3"} {
		if slices.Contains(before, secret) || !slices.Contains(after, secret) {
			t.Errorf("%s is not among the secrets", secret)
		}
	}
	answers := c.Do("GET", simulatortest.IPoEBase+"customerSites?limit=9999", "").Body.String()
	for _, s := range c.Carrier.Sites(time.Time{}) {
		answers += c.Do("GET", simulatortest.IPoEBase+"customerSites/"+s.SiteCode, "").Body.String()
		if len(s.Secrets) != 4 || len(s.Secrets[0]) != 8 || len(s.Secrets[1]) != 30 || len(s.Secrets[3]) != 8 {
			t.Errorf("%s: secrets %q", s.SiteCode, s.Secrets)
		}
	}
	answered := 0
	for _, secret := range after {
		if strings.Contains(answers, secret) {
			answered++
		}
	}
	if answered < 2*40 {
		t.Errorf("%d of %d secrets are in answers", answered, len(after))
	}
	var got struct{ Secrets []string }
	if err := json.Unmarshal(c.Do("GET", "/_sim/truth/secrets", "").Body.Bytes(), &got); err != nil || !slices.Equal(got.Secrets, after) {
		t.Errorf("over HTTP: %d secrets, %v", len(got.Secrets), err)
	}
}
