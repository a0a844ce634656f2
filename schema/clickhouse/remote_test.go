package clickhouse_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// A DSN may name several servers, compress, and encrypt; whichever it does, the same rows come back.
func TestWaysToReachAServer(t *testing.T) {
	native, err := url.Parse(chdbtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := url.Parse(chdbtest.HTTP(t, native.String()))
	if err != nil {
		t.Fatal(err)
	}
	encrypted := httptest.NewTLSServer(chdbtest.Forward(plain.Host))
	t.Cleanup(encrypted.Close)
	tls, user := strings.TrimPrefix(encrypted.URL, "https://"), plain.User.String()+"@"
	if err := open(t, plain.String()).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, dsn string }{
		{"native", native.String()},
		{"native, the first of two is away", "clickhouse://" + user + "127.0.0.1:1," + native.Host + native.Path},
		{"native, lz4", native.String() + "?compress=lz4"},
		{"native, zstd", native.String() + "?compress=zstd"},
		{"one server", "http://" + user + plain.Host + plain.Path},
		{"the first of two is away", "http://" + user + "127.0.0.1:1," + plain.Host + plain.Path},
		{"turn by turn", "http://" + user + plain.Host + "," + plain.Host + plain.Path + "?connection_open_strategy=round_robin"},
		{"gzip", "http://" + user + plain.Host + plain.Path + "?compress=gzip"},
		{"lz4", "http://" + user + plain.Host + plain.Path + "?compress=lz4"},
		{"zstd", "http://" + user + plain.Host + plain.Path + "?compress=zstd"},
		{"TLS", "https://" + user + tls + plain.Path + "?skip_verify=true"},
		{"TLS and compressed", "https://" + user + tls + plain.Path + "?skip_verify=true&compress=gzip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := open(t, tt.dsn)
			query(t, db, "TRUNCATE TABLE traffic_samples")
			batch := everyRow()
			batch.Traffic[0].LimitCause = tt.name // another row, lest the token know it
			if err := db.Insert(t.Context(), &batch); err != nil {
				t.Fatal(err)
			}
			if got := query(t, db, "SELECT DISTINCT limit_cause FROM traffic_samples WHERE limit_cause = '"+tt.name+"'"); got != tt.name+"\n" {
				t.Errorf("came back: %q", got)
			}
			if _, err := db.State(t.Context(), key(1).Source, 0); err != nil {
				t.Error(err)
			}
		})
	}
}
