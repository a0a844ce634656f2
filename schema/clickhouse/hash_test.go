package clickhouse

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// A digest is the hash of the values one behind another, however long they are: a spool may hold rows of which an earlier
// kaisen has sent a part.
func TestADigestIsTheHashOfItsValues(t *testing.T) {
	d, all := newDigest("t"), append(binary.LittleEndian.AppendUint64(nil, 1), 't')
	for i := range 3 * digestStep {
		d.number(uint64(i))
		all = binary.LittleEndian.AppendUint64(all, uint64(i))
		if i%50 == 0 {
			text := strings.Repeat("x", i)
			d.text(text)
			all = append(binary.LittleEndian.AppendUint64(all, uint64(i)), text...)
		}
		if i%100 == 0 && d.sum() != xxhash.Sum64(all) {
			t.Fatalf("after %d values %x, want %x", i, d.sum(), xxhash.Sum64(all))
		}
	}
}
