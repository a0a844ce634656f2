package chdb

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dialWait is how long a connection on this machine may take: the engine's queue may be full.
const dialWait = 10 * time.Second

// Dial returns a function that connects to the engine on a data folder, and to nobody else: while the engine is away, any
// user of this machine may listen on its port and would be sent the password. The kernel says whose a listener is; the
// engine's is that of who owns the folder's lock, or root, who asks while the service is stopped and may read everything anyway.
func Dial(path string) func(ctx context.Context, address string) (net.Conn, error) {
	return func(ctx context.Context, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: dialWait}).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		if err := isOwners(conn, path); err != nil {
			conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// isOwners fails where the other end of a connection belongs to another user than the folder.
func isOwners(conn net.Conn, path string) error {
	info, err := os.Stat(lockFile(path))
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	there, here := netAddress(conn.RemoteAddr()), netAddress(conn.LocalAddr())
	found := false
	for _, s := range sockets(there.Addr().Is6()) {
		listens := s.listens && s.local.Port() == there.Port() && (s.local.Addr() == there.Addr() || s.local.Addr().IsUnspecified())
		accepted := s.local == there && s.remote == here
		if (listens || accepted) && s.user != owner && s.user != 0 { // a connection is of 0 until the program has taken it
			return fmt.Errorf("user %d listens on %s, and not the embedded ClickHouse of user %d: stop that program", s.user, there, owner)
		}
		found = found || listens
	}
	if !found {
		return fmt.Errorf("nobody listens on %s any more", there)
	}
	return nil
}

func netAddress(address net.Addr) netip.AddrPort {
	parsed := address.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(parsed.Addr().Unmap(), parsed.Port())
}

// socket is one of the machine's.
type socket struct {
	local, remote netip.AddrPort
	listens       bool
	user          uint32
}

// sockets reads the kernel's table of IPv4 or IPv6.
func sockets(six bool) (all []socket) {
	name := "/proc/self/net/tcp"
	if six {
		name += "6"
	}
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text()) // number, local, remote, state, queues, timer, retransmissions, user, …
		if len(fields) < 8 {
			continue
		}
		local, bad := tableAddress(fields[1])
		remote, worse := tableAddress(fields[2])
		user, worst := strconv.ParseUint(fields[7], 10, 32)
		if bad == nil && worse == nil && worst == nil {
			all = append(all, socket{local, remote, fields[3] == "0A", uint32(user)})
		}
	}
	return all
}

// tableAddress reads 0100007F:1F90: words of four bytes in the machine's order, and a port.
func tableAddress(text string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(text, ":")
	bytes, err := hex.DecodeString(host)
	if err != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	for i := 0; i < len(bytes); i += 4 {
		binary.NativeEndian.PutUint32(bytes[i:], binary.BigEndian.Uint32(bytes[i:]))
	}
	address, ok := netip.AddrFromSlice(bytes)
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil || !ok {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	return netip.AddrPortFrom(address.Unmap(), uint16(number)), nil
}
