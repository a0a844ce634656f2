package chdb_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// packet writes what ClickHouse's native protocol is made of: numbers of seven bits a byte, and strings with their length.
type packet struct{ bytes.Buffer }

func (p *packet) number(n uint64) *packet {
	p.Write(binary.AppendUvarint(nil, n))
	return p
}

func (p *packet) text(s string) *packet {
	p.number(uint64(len(s)))
	p.WriteString(s)
	return p
}

// The protocol's version here is 54420, before quota keys of the handshake and chunks. Packets by their numbers.
const (
	protocol                                 = 54420
	clientHello, clientQuery, clientData     = 0, 1, 2
	clientCancel, clientPing, clientTables   = 3, 4, 5
	serverHello, serverException, serverPong = 0, 2, 4
)

func hello(user, password, database string) *packet {
	return new(packet).number(clientHello).text("test").number(1).number(1).number(protocol).text(database).text(user).text(password)
}

// query is a question, and the empty block that says there are no more tables with it.
func query(sql string, compressed uint64) *packet {
	p := new(packet).number(clientQuery).text("")
	p.number(1).text("").text("").text("0.0.0.0:0").number(1).text("").text("").text("test").number(1).number(1).number(protocol).text("").number(0)
	p.text("").number(2).number(compressed).text(sql) // no settings, to the end, compression
	if compressed == 0 {
		p.Write(emptyBlock())
	}
	return p
}

func emptyBlock() []byte {
	return new(packet).number(clientData).text("").number(0).number(0).number(0).Bytes()
}

// impatience is for parts that may get no answer at all.
const impatience = 200 * time.Millisecond

// call connects, sends the parts, waiting for an answer after each, and hangs up: so long for the first, and so long for the
// others. It returns the first byte of each answer: the packet's number.
func (f attackedEngine) call(t *testing.T, first, others time.Duration, parts ...[]byte) (answers []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", f.native)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer conn.Close()
	for i, part := range parts {
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Write(part); err != nil {
			return answers
		}
		answer := make([]byte, 64<<10)
		patience := others
		if i == 0 {
			patience = first
		}
		conn.SetReadDeadline(time.Now().Add(patience))
		n, _ := conn.Read(answer)
		answers = append(answers, answer[:min(n, 1)]...)
	}
	return answers
}

// Whatever a client sends, or leaves unsaid, is the end of its connection and not of the engine: the engine's own way
// would be to end (see forgive.go).
func TestHostileClients(t *testing.T) {
	t.Parallel()
	f := build(t)
	me := f.accounts["service"]
	good := hello(me.name, me.password, "kaisen").Bytes()
	if got := f.call(t, 10*time.Second, 10*time.Second, good, query("SELECT 1", 0).Bytes(), new(packet).number(clientPing).Bytes()); len(got) < 2 || got[0] != serverHello || got[1] == serverException {
		t.Fatalf("a good client got %v", got) // or all that follows tests nothing
	}
	long := new(packet).number(clientHello).number(1 << 60).Bytes()
	junk := make([]byte, 4096)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(junk)
	tests := map[string][][]byte{
		"port scan":               {},
		"HTTP":                    {[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		"TLS":                     {{22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3}},
		"PROXY":                   {[]byte("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n")},
		"garbage":                 {junk},
		"half a hello":            {good[:len(good)/2]},
		"wrong password":          {hello(me.name, "x", "").Bytes()},
		"unknown user":            {hello("nosuch", "x", "").Bytes()},
		"unknown database":        {hello(me.name, me.password, "nosuch").Bytes(), query("SELECT 1", 0).Bytes()},
		"cluster's secret":        {hello(" INTERSERVER SECRET ", "", "").Bytes(), []byte("x")},
		"SSH key":                 {hello(" SSH KEY AUTHENTICATION kaisen", "", "").Bytes(), junk[:100]},
		"string of 2^60":          {long},
		"user of 2^63":            {new(packet).number(clientHello).text("x").number(1).number(1).number(protocol).text("").number(1 << 63).Bytes()},
		"endless number":          {bytes.Repeat([]byte{0xff}, 100)},
		"version of 2^60":         {new(packet).number(clientHello).text("x").number(1 << 60).number(1).number(1 << 60).text("").text(me.name).text(me.password).Bytes(), junk},
		"hello twice":             {good, good},
		"unknown packet":          {good, {99}},
		"unknown large packet":    {good, new(packet).number(1 << 60).Bytes()},
		"garbage after the hello": {good, junk},
		"query of 2^60":           {good, append(query("", 0).Bytes()[:1], long[1:]...)},
		"half a query":            {good, query("SELECT 1", 0).Bytes()[:20]},
		"query without its data":  {good, query("SELECT 1", 1).Bytes()},
		"compressed garbage":      {good, append(query("INSERT INTO kaisen.t VALUES", 1).Bytes(), junk...)},
		"compressed 2^31 bytes":   {good, append(query("SELECT 1", 1).Bytes(), append(make([]byte, 16), 0x82, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f)...)},
		"data without a query":    {good, emptyBlock()},
		"block of 2^40 rows":      {good, query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1).number(1 << 40).text("a").text("UInt64").Bytes()},
		"block of 2^60 columns":   {good, query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1 << 60).number(1).text("a").text("UInt64").Bytes()},
		"block of another type":   {good, query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1).number(1).text("a").text("Array(String)").number(1 << 60).Bytes()},
		"block of no type":        {good, query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1).number(1).text("a").text(strings.Repeat("Array(", 5000)).Bytes()},
		"gone in mid-insert":      {good, query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1).number(100).text("a").text("UInt64").Bytes()},
		"gone in mid-query":       {good, query("SELECT sleepEachRow(0.1) FROM numbers(20) SETTINGS max_block_size = 1", 0).Bytes()},
		"gone in mid-result":      {good, query("SELECT number, toString(number) FROM numbers(100000000)", 0).Bytes()},
		"cancelled and gone":      {good, query("SELECT count() FROM numbers(100000000000)", 0).Bytes(), {clientCancel}},
		"status of tables":        {good, new(packet).number(clientTables).number(1 << 60).Bytes()},
		"exception, then more":    {good, query("SELECT throwIf(1)", 0).Bytes(), query("SELEC", 0).Bytes(), junk},
		"two queries at once":     {good, append(query("SELECT 1", 0).Bytes(), query("SELECT 2", 0).Bytes()...)},
		"interserver packets":     {good, {7}, {9}, {10}, {11}},
		"deep statement":          {good, query("SELECT "+strings.Repeat("(", 20000), 0).Bytes()},
		"NULs":                    {good, query("SELECT '\x00' FROM `\x00`", 0).Bytes()},
	}
	var callers sync.WaitGroup
	for name, parts := range tests {
		for range 3 {
			callers.Go(func() {
				first := impatience
				if len(parts) > 1 && bytes.Equal(parts[0], good) {
					first = 10 * time.Second
				}
				if got := f.call(t, first, impatience, parts...); len(parts) > 1 && (len(got) == 0 || got[0] != serverHello) && bytes.Equal(parts[0], good) {
					t.Errorf("%s: no hello: %v", name, got)
				}
			})
		}
	}
	callers.Go(func() {
		for range 200 {
			if got := f.call(t, 10*time.Second, impatience, hello(me.name, "x", "").Bytes()); len(got) != 1 || got[0] != serverException {
				t.Errorf("wrong password: %v", got)
			}
		}
	})
	callers.Wait()
	mutate(t, f, good)
	f.vanish(t)
	f.mustAnswer(t)
}

// mutate sends 2,000 messages that were good before some of their bytes were changed, left out or put in twice.
func mutate(t *testing.T, f attackedEngine, good []byte) {
	random := rand.New(rand.NewPCG(1, 2))
	insert := append(query("INSERT INTO kaisen.t VALUES", 0).Bytes(), new(packet).number(clientData).text("").number(0).number(1).number(1).text("a").text("UInt64").text("1234567").Bytes()...)
	bases := [][]byte{good, query("SELECT number FROM numbers(3)", 0).Bytes(), insert, query("SELECT 1", 1).Bytes()}
	messages := make(chan [][]byte)
	var senders sync.WaitGroup
	for range 16 {
		senders.Go(func() {
			for parts := range messages {
				conn, err := net.Dial("tcp", f.native)
				if err != nil {
					t.Error(err)
					continue
				}
				conn.SetDeadline(time.Now().Add(20 * time.Millisecond))
				for _, part := range parts {
					conn.Write(part)
				}
				conn.(*net.TCPConn).CloseWrite()
				io.CopyN(io.Discard, conn, 4096)
				conn.Close()
			}
		})
	}
	for i := range 2000 {
		message := bytes.Clone(bases[i%len(bases)])
		for range 1 + random.IntN(4) {
			at := random.IntN(len(message))
			switch random.IntN(4) {
			case 0:
				message[at] = byte(random.Uint32())
			case 1:
				message[at] ^= 1 << random.IntN(8)
			case 2:
				message = append(message[:at:at], message[min(len(message), at+1+random.IntN(8)):]...)
			default:
				message = append(message[:at:at], message[max(0, at-random.IntN(8)):]...)
			}
			if len(message) == 0 {
				message = []byte{0}
			}
		}
		if i%len(bases) == 0 {
			messages <- [][]byte{message}
		} else {
			messages <- [][]byte{good, message}
		}
	}
	close(messages)
	senders.Wait()
}

// vanish is what a real client does whose user presses Ctrl-C: many of them, in the middle of an answer and of an insert.
func (f attackedEngine) vanish(t *testing.T) {
	t.Helper()
	var clients sync.WaitGroup
	for i := range 10 {
		clients.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20+10*i)*time.Millisecond)
			defer cancel()
			conn := f.open(t, "service")
			if err := conn.Exec(ctx, "SELECT count() FROM numbers(100000000000)"); err == nil {
				t.Error("counted to a hundred billion")
			}
			conn = f.open(t, "service")
			batch, err := conn.PrepareBatch(clickhouse.Context(t.Context(), clickhouse.WithQueryID(fmt.Sprint("vanish", i))), "INSERT INTO kaisen.t")
			if err != nil {
				t.Error(err)
				return
			}
			batch.Append(uint64(i))
			conn.Close() // without Send: nothing is written
		})
	}
	clients.Wait()
}
