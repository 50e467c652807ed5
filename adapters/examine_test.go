package adapters

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// TestUnreached holds that trouble with the network is told in plain words and
// without addresses that are as good as passwords.
func TestUnreached(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err         error
		why, remedy string
	}{
		{&net.DNSError{Err: "no such host", Name: "desk.example.org", IsNotFound: true}, "no host of that name", "DNS"},
		{&net.DNSError{Err: "server misbehaving", Name: "desk.example.org"}, "could not be looked up", "resolv.conf"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "signed by nobody", "public authority"},
		{
			&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "desk.example.org",
				Certificate: &x509.Certificate{}}},
			"not for desk.example.org", "for that name",
		},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "expired", "renew"},
		{x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}, "not valid", "another"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "does not speak TLS", "port"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "connection refused", "firewall"},
		{context.DeadlineExceeded, "in time", "proxy"},
		{errors.New("something else"), "desk.example.org: something else", "try again"},
	} {
		err := fmt.Errorf("auth.test: %w", &url.Error{Op: "Post", URL: "https://desk.example.org/secret", Err: c.err})
		why, remedy := Unreached(err)
		if !strings.Contains(why, c.why) || !strings.Contains(remedy, c.remedy) || strings.Contains(why, "/secret") {
			t.Errorf("%v: %s; %s", c.err, why, remedy)
		}
	}
}
