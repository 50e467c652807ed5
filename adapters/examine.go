package adapters

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"time"

	"frontdesk/adapters/network"
)

// How long an examination may take: somebody waits for it at a terminal.
const (
	ExamineTime = 20 * time.Second // of one platform, all in all
	LookTime    = 5 * time.Second  // for one call
	// LookLife is the Life of a call of an examination: it is made again once
	// or twice, for what passes within a second.
	LookLife = time.Second
)

// Finding is what became of looking at one thing that a program needs to serve.
type Finding struct {
	Part  string `json:"part"` // of the program, such as an adapter's name
	Grade Grade  `json:"grade"`
	What  string `json:"what"` // one sentence without its full stop; holds no secret
	// Remedy is what an operator can do about a finding that is not well.
	Remedy string `json:"remedy,omitempty"`
}

// Grade is how well a thing is.
type Grade uint8

// The grades.
const (
	Well     Grade = iota
	Unknown        // it cannot be seen from here
	Doubtful       // people are answered, but an operator may not have meant it so
	Wrong          // somebody is not answered
)

func (g Grade) String() string {
	return [...]string{"ok", "unknown", "doubtful", "wrong"}[g]
}

// MarshalText implements [encoding.TextMarshaler].
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Examination collects what is found out about one part.
type Examination struct {
	Part     string
	Findings []Finding

	// Caller and Host are what Look calls, of an examination of a platform.
	Caller *Caller
	Host   string

	unreached bool // further calls are in vain
}

// Well notes what is as it should be.
func (x *Examination) Well(format string, args ...any) { x.add(Well, "", format, args...) }

// Unknown notes what cannot be seen from here.
func (x *Examination) Unknown(remedy, format string, args ...any) {
	x.add(Unknown, remedy, format, args...)
}

// Doubtful notes what may not have been meant so, and what to do about it.
func (x *Examination) Doubtful(remedy, format string, args ...any) {
	x.add(Doubtful, remedy, format, args...)
}

// Wrong notes what keeps somebody from being answered, and what to do about it.
func (x *Examination) Wrong(remedy, format string, args ...any) {
	x.add(Wrong, remedy, format, args...)
}

func (x *Examination) add(g Grade, remedy, format string, args ...any) {
	f := Finding{Part: x.Part, Grade: g, What: fmt.Sprintf(format, args...), Remedy: remedy}
	x.Findings = append(x.Findings, f)
}

// HostOf is the host of an address that may be set instead of the usual one.
func HostOf(address, usual string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return usual
}

// Look makes one call, which asks for what is named. It reports whether that succeeded, and
// returns the error if the platform itself refused it: what that means, only the caller
// knows. Everything else is noted here, and once the platform was not reached, no further
// call is made.
func (x *Examination) Look(
	ctx context.Context, what string, c Call, f func(context.Context) error,
) (ok bool, refusal error) {
	if x.unreached {
		return false, nil
	}
	within, cancel := context.WithTimeout(ctx, LookTime)
	defer cancel()
	c.Again, c.Life = true, LookLife
	err := x.Caller.Do(within, c, f)
	if err == nil {
		return true, nil
	}
	switch v := x.Caller.Judge(err, true); {
	case v.Failure == RateLimited:
		x.Unknown("run this again in a minute", "%s asks to wait before %s can be looked at", x.Caller.Platform, what)
		return false, nil
	case v.Failure == Refused && !v.Foreign:
		return false, err
	}
	x.unreached = true
	why, remedy := Unreached(err)
	if ctx.Err() != nil && len(x.Findings) > 0 {
		why, remedy = "there was no time to look at the rest", "run it again; the answers come slowly"
	}
	x.Wrong(remedy, "%s cannot be reached: %s", x.Host, why)
	return false, nil
}

// Unreached says in plain words why something on the network was not reached,
// and what to do.
func Unreached(err error) (why, remedy string) {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host of that name", "check the name, and the DNS of this machine"
	case errors.As(err, &dns):
		return "its name could not be looked up", "check the DNS of this machine, such as in /etc/resolv.conf"
	case errors.As(err, &unknown):
		return "its certificate is signed by nobody that this machine trusts",
			"use a certificate of a public authority, since the platforms trust no other; behind a proxy that opens TLS, " +
				"give this machine the proxy's authority (SSL_CERT_FILE)"
	case errors.As(err, &other):
		return fmt.Sprintf("its certificate is not for %s", other.Host),
			"get a certificate for that name, or use the name that it is for"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet", "renew it, and check the clock of this machine"
	case errors.As(err, &invalid):
		return "its certificate is not valid: " + invalid.Error(), "get another one"
	case errors.As(err, &record):
		return "it does not speak TLS", "check the port, and that the address is to begin with https://"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)",
			"check the address, and whether a firewall or a proxy is in the way"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it does not answer in time", "check whether a firewall or a proxy is in the way (HTTPS_PROXY)"
	}
	return network.WithoutSecrets(err).Error(), "check the network of this machine, and try again in a minute"
}
