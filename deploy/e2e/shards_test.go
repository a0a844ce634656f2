package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// shard is a kaisen that is one of several.
type shard struct {
	*server
	metrics string // host:port
}

// startShard starts a kaisen, and waits until it has read the list of lines.
func (k *kaisen) startShard(of string) shard {
	k.t.Helper()
	s := shard{server: serve(k.t, k.program, "run", "--config="+k.configure(of))}
	s.metrics = s.address(listening)
	k.metrics = s.metrics
	s.until("it had read the list", func() bool { return len(k.gauge("kaisen_contract_lines")) == 2 })
	return s
}

// says is what a kaisen answers at a path.
func (s shard) says(path string) (status int, text string) {
	s.t.Helper()
	response, err := http.Get("http://" + s.metrics + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestShardsThatDoNotFit: of two shards one is missing, then two machines are the first, then all is well, then one is down. What
// each kaisen says of itself is always that it is ready; what is wrong is seen in Prometheus.
func TestShardsThatDoNotFit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes four minutes")
	}
	t.Parallel() // it does little but wait
	k := startCarrier(t)
	scraped := write(t, "target.yml", "[]\n")
	m, _ := startQuickOf(t, scraped)
	scrape := func(shards ...shard) {
		t.Helper()
		var addresses []string
		for _, s := range shards {
			addresses = append(addresses, s.metrics)
		}
		if err := os.WriteFile(scraped, []byte(targets(addresses...)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	firing := func(alert string) bool {
		return m.series(`ALERTS{alertstate="firing",alertname="`+alert+`"}`) > 0
	}
	known := []string{"KaisenShardMissing", "KaisenShardTwice", "KaisenShardsDisagree", "KaisenLinesUnwatched", "KaisenTargetDown"}
	// become waits until those alerts fire, and no others of shards, and says when, in minutes of the rules.
	become := func(what string, want ...string) {
		t.Helper()
		began, times := time.Now(), map[string]string{}
		for {
			right := true
			for _, alert := range known {
				is := firing(alert)
				if now := fmt.Sprintf("%v after %.0f min", is, time.Since(began).Minutes()/minute.Minutes()); !strings.HasPrefix(times[alert], fmt.Sprint(is)) {
					times[alert] = now
				}
				right = right && is == strings.Contains(strings.Join(want, " "), alert)
			}
			if right {
				t.Logf("%s: %v", what, times)
				return
			}
			if <-time.After(pause); time.Since(began) > 40*minute {
				t.Fatalf("%s: %v, want %v", what, times, want)
			}
		}
	}
	ready := func(s shard, of string) {
		t.Helper()
		s.until("it was ready", func() bool { status, _ := s.says("/-/ready"); return status == http.StatusOK })
		if _, text := s.says("/-/ready"); !strings.HasPrefix(text, "kaisen is ready.\nIt watches shard "+of+";") {
			t.Errorf("/-/ready says %q", text)
		}
		if status, _ := s.says("/"); status != http.StatusOK {
			t.Errorf("the page: %d", status)
		}
	}

	first := k.startShard("1/2")
	scrape(first)
	become("shard 2 was never there", "KaisenShardMissing")
	ready(first, "1 of 2")

	second := k.startShard("1/2")
	scrape(first, second)
	become("both are shard 1", "KaisenShardMissing", "KaisenShardTwice")
	ready(first, "1 of 2")
	ready(second, "1 of 2")

	second.stop()
	<-second.ended
	second = k.startShard("2/2")
	scrape(first, second)
	become("the second is shard 2")
	ready(second, "2 of 2")

	second.stop()
	<-second.ended
	become("shard 2 is down", "KaisenShardMissing", "KaisenTargetDown")
	ready(first, "1 of 2")
}
