package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"frontdesk/adapters"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/config"
)

// addressCheck finds out whether what is sent to the public address arrives at the
// program: where it is running, at it, and else at a placeholder that listens for
// a moment where it would.
type addressCheck struct {
	adapters.Examination
	http *http.Client
}

// examine posts to each path of the public address. Proxies may let only these
// paths and only POST through.
func (r *addressCheck) examine(ctx context.Context, addr, public string, paths []string) {
	ctx, cancel := context.WithTimeout(ctx, adapters.ExamineTime)
	defer cancel()
	l, err := net.Listen("tcp", addr)
	running := errors.Is(err, syscall.EADDRINUSE)
	switch {
	case running:
		if !r.occupied(ctx, addr, paths) {
			return
		}
	case err != nil:
		r.Wrong("set FRONTDESK_HTTP_ADDR to an address of this machine",
			"frontdesk run could not listen at %s: %v", addr, reason(err))
		return
	default:
		r.Well("%s is free for frontdesk run", addr)
	}
	nonce := ""
	if !running {
		nonce = rand.Text()
		server := newServer(placeholder(nonce), slog.New(slog.DiscardHandler))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.Serve(l) // ends by Close
		}()
		defer func() {
			_ = server.Close() // nobody waits for anything
			<-ended
		}()
	}
	if !r.usable(public) {
		return
	}
	for _, path := range paths {
		r.try(ctx, addr, public+path, nonce)
	}
}

// placeholder answers who knows what to ask, in place of the program. A platform's
// request is told to come again.
func placeholder(nonce string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxAsked))
		if err != nil || string(body) != nonce {
			adapters.Later(w, "frontdesk doctor is trying this address")
			return
		}
		_, _ = io.WriteString(w, arrived(nonce)) // a caller that has gone needs none
	})
}

// arrived is what the placeholder says: no echo would.
func arrived(nonce string) string { return "arrived " + strings.ToLower(nonce) }

// usable reports whether the public address can be tried.
func (r *addressCheck) usable(public string) bool {
	if public == "" {
		r.Wrong("set FRONTDESK_PUBLIC_URL to the address that the platforms call, such as https://desk.example.org",
			"FRONTDESK_PUBLIC_URL is not set, so it cannot be tried")
		return false
	}
	u, err := url.Parse(public)
	if err != nil { // the settings were checked
		r.Wrong("set FRONTDESK_PUBLIC_URL to a web address", "FRONTDESK_PUBLIC_URL is no web address")
		return false
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case local:
		r.Doubtful("set FRONTDESK_PUBLIC_URL to the address by which the platforms reach this machine",
			"%s is this machine and can be reached from nowhere else", u.Host)
	case u.Scheme != "https":
		r.Wrong("let a proxy in front speak TLS, and begin FRONTDESK_PUBLIC_URL with https://",
			"%s is not https, and the platforms send to no other address", u.Host)
	}
	return true
}

// occupied reports whether it is a running frontdesk that has the address.
func (r *addressCheck) occupied(ctx context.Context, addr string, paths []string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil { // the settings were checked
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	for _, path := range paths {
		status, _, err := r.post(ctx, "http://"+net.JoinHostPort(host, port)+path, "")
		if err != nil || status != http.StatusUnauthorized {
			r.Wrong("end what listens there, or set FRONTDESK_HTTP_ADDR to another address; "+
				"after a change of the settings, start frontdesk run again",
				"what listens at %s does not serve %s", addr, path)
			return false
		}
	}
	r.Well("a frontdesk is running at %s", addr)
	return true
}

// try posts to one address. With nonce "" the program is running, which refuses
// what is not signed.
func (r *addressCheck) try(ctx context.Context, addr, address, nonce string) {
	status, body, err := r.post(ctx, address, nonce)
	switch {
	case err != nil:
		why, remedy := adapters.Unreached(err)
		r.Wrong(remedy, "%s cannot be reached: %s", address, why)
	case nonce != "" && body == arrived(nonce), nonce == "" && status == http.StatusUnauthorized:
		r.Well("%s arrives at %s", address, addr)
	case nonce != "" && status == http.StatusOK:
		r.Wrong("let the proxy hand this path to "+addr, "%s is answered by something else", address)
	case status >= 300 && status < 400:
		r.Wrong("set FRONTDESK_PUBLIC_URL to the address that it redirects to; the platforms do not follow",
			"%s redirects (HTTP %d)", address, status)
	case status == http.StatusBadGateway,
		status == http.StatusServiceUnavailable,
		status == http.StatusGatewayTimeout:
		r.Wrong("let the proxy hand this path to "+addr+"; what it tries does not answer",
			"%s is answered with HTTP %d by a proxy", address, status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		r.Wrong("let the proxy ask for no login at this path; the requests are signed",
			"%s is answered with HTTP %d before it arrives", address, status)
	default:
		r.Wrong("let the proxy hand POST requests to this path to "+addr+", with the path as it is",
			"%s is answered with HTTP %d by something else", address, status)
	}
}

// post sends a short text and reads the answer.
func (r *addressCheck) post(ctx context.Context, address, text string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, adapters.LookTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(text))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", "frontdesk doctor")
	req.Header.Set("Content-Type", "text/plain")
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAsked))
	if err != nil {
		return 0, "", fmt.Errorf("read the answer: %w", err)
	}
	return resp.StatusCode, string(data), nil
}

// reason is an error of the network without its address.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// transports are the paths that platforms send requests to.
func transports(c *config.Config) []string {
	var paths []string
	if c.Slack.Wanted() && c.Slack.Transport == config.HTTP {
		paths = append(paths, slack.Path)
	}
	if c.Discord.Wanted() && c.Discord.Transport == config.HTTP {
		paths = append(paths, discord.Path)
	}
	return paths
}

// examinePublic looks whether what is sent to the public address arrives.
func examinePublic(ctx context.Context, c *config.Config) []adapters.Finding {
	paths := transports(c)
	if len(paths) == 0 {
		return nil
	}
	r := addressCheck{Examination: adapters.Examination{Part: partPublic}, http: &http.Client{
		Transport: http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { // the platforms follow no redirect
			return http.ErrUseLastResponse
		},
	}}
	defer r.http.CloseIdleConnections()
	switch n, _, err := places(openFiles()); {
	case err != nil:
		what, remedy, _ := strings.Cut(err.Error(), "; ")
		r.Wrong(remedy, "%s", what)
	case n < mostPlaces:
		r.Doubtful(
			fmt.Sprintf("allow %d files with ulimit -n, or LimitNOFILE of systemd", ownFiles+mostPrivate+mostPlaces),
			"so few files may be open at a time that all clients of the public address share %d connections",
			n,
		)
	}
	r.examine(ctx, c.HTTPAddr, strings.TrimRight(c.PublicURL, "/"), paths)
	return r.Findings
}
