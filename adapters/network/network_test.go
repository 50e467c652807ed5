package network

import (
	"errors"
	"net"
	"net/url"
	"syscall"
	"testing"
)

// TestWithoutSecrets checks that the text of a connection error does not depend on our
// port, and contains only the host of an address.
func TestWithoutSecrets(t *testing.T) {
	t.Parallel()
	at := func(port int) *net.TCPAddr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: port} }
	read := &net.OpError{Op: "read", Net: "tcp", Source: at(41234), Addr: at(443), Err: syscall.ECONNRESET}
	lookup := &net.DNSError{
		Err: "read udp 10.0.0.7:51000->10.0.0.1:53: i/o timeout", Name: "slack.com", Server: "10.0.0.1:53",
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{read, "read tcp 10.0.0.7:443: connection reset by peer"},
		{
			&url.Error{Op: "Post", URL: "https://hooks.slack.com/T1/secret", Err: read},
			"hooks.slack.com: read tcp 10.0.0.7:443: connection reset by peer",
		},
		{&url.Error{Op: "Get", URL: "https://slack.com/x", Err: &net.OpError{Op: "dial", Net: "tcp", Err: lookup}},
			"slack.com: dial tcp: lookup slack.com on 10.0.0.1:53: read udp 10.0.0.1:53: i/o timeout"},
		{errors.New("broken"), "broken"},
	} {
		got := WithoutSecrets(c.err)
		if got.Error() != c.want {
			t.Errorf("%v becomes %v", c.err, got)
		}
		if c.err == error(read) && !errors.Is(got, syscall.ECONNRESET) {
			t.Errorf("%v does not wrap the original error", got)
		}
	}
}
