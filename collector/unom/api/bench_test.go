package api

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
)

// BenchmarkDecodeTraffic compares the decoder with the least that a program could do without it: encoding/json into a
// struct of strings, with not one figure read.
func BenchmarkDecodeTraffic(b *testing.B) {
	body := example(b, "traffic")
	b.Run("kaisen", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(asked(body), decodeTraffic); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		plain := reflect.New(trafficStruct())
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			plain.Elem().SetZero()
			if err := json.Unmarshal(body, plain.Interface()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// trafficStruct is a struct of the answer's members, each a string.
func trafficStruct() reflect.Type {
	keys := []string{
		"contractId", "lineNo", "limitStatus1", "monthlyLimitStartTime", "dailyLimitStartTime", "limitCause",
		"limitStatus2", "trafficThisMonth", "traffic1monthAgo", "traffic2monthAgo", "trafficToday", "traffic1dayAgo",
		"remainedDataVolume",
	}
	for i := 2; i <= 30; i++ {
		keys = append(keys, fmt.Sprintf("traffic%ddaysAgo", i))
	}
	var fields []reflect.StructField
	for i, key := range keys {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf(`json:%q`, key)),
		})
	}
	return reflect.StructOf(fields)
}

// BenchmarkDecodeLines reads a full list.
func BenchmarkDecodeLines(b *testing.B) {
	row := `{"lineNo":"09012345678","startDate":"20170101","planCode":"T3001328","accessCode":"2",` +
		`"optionCodeList":["T6000036","T6000084"],"simType":"標準SIM","simNumber":"SIM123456789012","note":"記録用フィールド"}`
	body := []byte(`{"contractId":"N123456789","linesList":[` + row)
	for range MaxRows - 1 {
		body = append(append(body, ','), row...)
	}
	body = append(body, `]}`...)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := decode(asked(body), decodeLines); err != nil || len(got) != MaxRows {
			b.Fatal(len(got), err)
		}
	}
}

// BenchmarkTraffic compares a whole call (budget, token, metrics, decoding) with a bare GET and encoding/json, on
// eight connections.
func BenchmarkTraffic(b *testing.B) {
	body := example(b, "traffic")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"accessToken":"t","expiresIn":"3599"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	b.Run("kaisen", func(b *testing.B) {
		cfg := carrier.DefaultConfig()
		cfg.Source, cfg.BaseURL, cfg.TokenURL = "bench", server.URL, server.URL
		cfg.ClientID, cfg.ClientSecret, cfg.RequestsPerSecond, cfg.Inspect = "id", "secret", 0, Inspect
		account, err := carrier.New(cfg, transport, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		client := New(account, tokyo)
		onEight(b, func() error {
			_, err := client.Traffic(b.Context(), "N123456789", "09012345678")
			return err
		})
	})
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: transport}
		kind := trafficStruct()
		onEight(b, func() error {
			resp, err := client.Get(server.URL + "/v2/unom/contracts/N123456789/lines/09012345678/traffic")
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			return json.Unmarshal(body, reflect.New(kind).Interface())
		})
	})
}

// onEight runs one call after the other on eight goroutines.
func onEight(b *testing.B, call func() error) {
	b.ReportAllocs()
	b.SetParallelism(max(8/runtime.GOMAXPROCS(0), 1))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(); err != nil {
				b.Error(err)
			}
		}
	})
}
