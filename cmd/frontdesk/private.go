package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"frontdesk/config"

	"github.com/spf13/cobra"
)

// Paths of the private listener.
const (
	pathHealth  = "/healthz"
	pathReady   = "/readyz"
	pathMetrics = "/metrics"
)

// maxAsked is the longest request that the private listener reads, in bytes:
// nothing that it answers has a body.
const maxAsked = 4 << 10

// private answers how the program is doing.
func private(b *health, m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathHealth, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "alive\n") // a caller that has gone needs none
	})
	mux.Handle("GET "+pathReady, b)
	mux.Handle("GET "+pathMetrics, m.handler())
	return http.MaxBytesHandler(mux, maxAsked)
}

func healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the running program whether it is alive, for Docker's HEALTHCHECK",
		Args:  cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	ready := cmd.Flags().Bool("ready", false, "ask whether it can answer questions, and print how each part is doing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read()
		if err != nil {
			return err
		}
		if settings.PrivateAddr == config.Off {
			if *ready {
				return errors.New("private_addr is off, so there is nothing to ask")
			}
			fmt.Fprintln(cmd.OutOrStdout(), "private_addr is off, so there is nothing to ask")
			return nil // whoever wanted it so does not want the container ended for it
		}
		path := pathHealth
		if *ready {
			path = pathReady
		}
		body, status, err := ask(cmd.Context(), settings.PrivateAddr, path)
		if err != nil {
			return fmt.Errorf("nothing answers at %s; is the program running there? (%w)", settings.PrivateAddr, err)
		}
		out := cmd.OutOrStdout()
		if !*ready {
			fmt.Fprint(out, body)
		} else if err := writeReadiness(out, []byte(body)); err != nil {
			return err
		}
		if status != http.StatusOK {
			return errProblems
		}
		return nil
	}
	return cmd
}

// askWithin is less than the five seconds after which Docker gives up.
const askWithin = 2 * time.Second

// ask asks the private listener of this machine.
func ask(ctx context.Context, addr, path string) (body string, status int, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return "", 0, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: it is this machine
	resp, err := client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = resp.Body.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(data), resp.StatusCode, err
}

// writeReadiness prints what /readyz says, a part a line.
func writeReadiness(w io.Writer, data []byte) error {
	var r readiness
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("what answers is not this program: %w", err)
	}
	fmt.Fprintf(w, "%s, frontdesk %s, knowledge file %s since %s\n", r.Status, r.Program, r.Knowledge.Version, r.Knowledge.Since.Local().Format(time.DateTime))
	for _, p := range r.Parts {
		fmt.Fprintf(w, "  %-10s %-10s since %s", p.Name, p.State, p.Since.Local().Format(time.DateTime))
		if p.Why != "" {
			fmt.Fprintf(w, "  %s", p.Why)
		}
		fmt.Fprintln(w)
	}
	return nil
}
