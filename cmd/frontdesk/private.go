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

// maxAsked is the longest request body that the private listener reads, in bytes: none
// of its requests needs one.
const maxAsked = 4 << 10

// private serves health and metrics.
func private(h *health, m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathHealth, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "alive\n") // fails only if the client is gone
	})
	mux.Handle("GET "+pathReady, h)
	mux.Handle("GET "+pathMetrics, m.handler())
	return http.MaxBytesHandler(mux, maxAsked)
}

func healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Check whether the running program is alive, for Docker's HEALTHCHECK",
		Args:  cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	ready := cmd.Flags().Bool("ready", false, "check whether it can answer questions, and print the state of each part")
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
			return nil // off on purpose, so the container is not unhealthy
		}
		path := pathHealth
		if *ready {
			path = pathReady
		}
		body, status, err := ask(cmd.Context(), settings.PrivateAddr, path)
		if err != nil {
			return fmt.Errorf("nothing answers at %s; check that the program is running there (%w)",
				settings.PrivateAddr, err)
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

// askWithin is the timeout of health; Docker's is five seconds.
const askWithin = 2 * time.Second

// ask sends a request to the private listener on this machine.
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
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // without a proxy
	resp, err := client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = resp.Body.Close() }() // was only read
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return string(data), resp.StatusCode, err
}

// writeReadiness prints the response of /readyz, one part and one replica per line.
func writeReadiness(w io.Writer, data []byte) error {
	var r readiness
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("another program answers at this address: %w", err)
	}
	fmt.Fprintf(w, "%s, frontdesk %s, knowledge file %s since %s\n",
		r.Status, r.Program, r.Knowledge.Version, r.Knowledge.Since.Local().Format(time.DateTime))
	for _, p := range r.Parts {
		fmt.Fprintf(w, "  %-10s %-10s since %s", p.Name, p.State, p.Since.Local().Format(time.DateTime))
		if p.Why != "" {
			fmt.Fprintf(w, "  %s", p.Why)
		}
		fmt.Fprintln(w)
	}
	for _, replica := range r.Replicas {
		fmt.Fprintf(w, "  replica %s, frontdesk %s, knowledge file %s, seen %s\n", replica.Name, replica.Version,
			replica.File, replica.Seen.Local().Format(time.DateTime))
	}
	if filesDiffer(r.Replicas) {
		fmt.Fprintln(w, "  the replicas use different knowledge files; give all the same")
	}
	return nil
}
