package exposition

import (
	"bytes"
	"hash/crc32"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"pgregory.net/rapid"
)

// TestAppendAsExpfmt: numbers and label values are written exactly as the ecosystem's encoder writes them.
func TestAppendAsExpfmt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, label := "m", "l"
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune{'"', '\\', '\n', 'a', '線'}))).Draw(t, "label")
		number := rapid.OneOf(rapid.Float64(), rapid.Map(rapid.Uint64(), func(n uint64) float64 { return float64(n) }), rapid.SampledFrom([]float64{0, 1, -1, math.MaxUint64})).Draw(t, "number")
		if math.IsNaN(number) || math.IsInf(number, 0) {
			t.Skip("no answer of a carrier has that")
		}
		var want bytes.Buffer
		family := &dto.MetricFamily{Name: &name, Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{
			Label: []*dto.LabelPair{{Name: &label, Value: &text}}, Gauge: &dto.Gauge{Value: &number},
		}}}
		if _, err := expfmt.MetricFamilyToText(&want, family); err != nil {
			t.Fatal(err)
		}
		got := appendNumber(append(appendLabel([]byte("# TYPE m gauge\nm{"), label, text), '}', ' '), number)
		if want := strings.TrimSuffix(want.String(), "\n"); string(got) != want {
			t.Errorf("%q, expfmt writes %q", got, want)
		}
	})
}

func TestCleanLabel(t *testing.T) {
	for value, want := range map[string]string{
		"":                                   "",
		"標準SIM ":                             "標準SIM ",
		"a\xffb\xfe":                         "a\uFFFDb\uFFFD",
		strings.Repeat("a", maxLabelBytes+1): strings.Repeat("a", maxLabelBytes),
		strings.Repeat("線", 2000):            strings.Repeat("線", maxLabelBytes/3),
	} {
		if got := CleanLabel(value); got != want || !utf8.ValidString(got) {
			t.Errorf("%.20q became %.20q, want %.20q", value, got, want)
		}
	}
}

// TestCRC: the CRC of a whole is that of its parts put together, wherever it is cut.
func TestCRC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SliceOf(rapid.Byte())).Draw(t, "parts")
		var crc uint32
		for _, part := range parts {
			crc = crcAppend(crc, crc32.ChecksumIEEE(part), crcShift(len(part)))
		}
		if want := crc32.ChecksumIEEE(bytes.Join(parts, nil)); crc != want {
			t.Errorf("%08x, want %08x", crc, want)
		}
	})
}
