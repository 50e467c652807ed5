package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"frontdesk/adapters"
)

// Timeouts of the HTTP servers. Requests are small and are answered at once; their
// bodies have adapters.BodyTime.
const (
	headerTimeout = 3 * time.Second
	writeTimeout  = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	shutdownTime  = 4 * time.Second // for requests in flight; replies have five
)

const (
	// mostPlaces is the limit on open connections of the platforms' listener. 200
	// questions a second that take a second each need 200. If all are held by idle
	// clients, the program takes 11 MB more; with the longest headers, 25 MB
	// (BenchmarkHostile).
	mostPlaces = 256
	// mostPrivate is the same for the private listener, which serves a few monitors, with
	// room for unexpected clients.
	mostPrivate = 64
	// ownFiles is how many descriptors are reserved for everything else: some 12 for
	// standard streams, listeners, the runtime and the knowledge file, the rest for calls
	// to the platforms.
	ownFiles = 40
	// fewestPlaces is the smallest useful limit of a listener.
	fewestPlaces = 8
	// fewestFiles is how many descriptors the HTTP transport needs at least.
	fewestFiles = ownFiles + 2*fewestPlaces
)

// places derives the connection limits of the platforms' listener and of the private one
// from the limit on open files. It fails if that is too low for the HTTP transport.
func places(files uint64) (public, private int, err error) {
	private = int(min(max(files/16, fewestPlaces), mostPrivate))
	if files < fewestFiles {
		return 0, private, fmt.Errorf("this process may have %d files and connections open, but needs %d; "+
			"allow %d with ulimit -n or systemd's LimitNOFILE",
			files, fewestFiles, ownFiles+mostPrivate+mostPlaces)
	}
	return int(min(files-ownFiles-uint64(private), mostPlaces)), private, nil
}

// refused counts and logs connections and requests that a listener rejects before they
// reach an adapter.
func (p *service) refused(listener string) func(adapters.Reason) {
	var sparse adapters.Sparse
	return func(why adapters.Reason) {
		p.metrics.refuse(noAdapter, string(why))
		sparse.Log(func(n int) {
			p.log.Warn("refused requests that are for no platform", "for", listener, "count", n, "latest", string(why),
				"means", "busy: the connection limit was reached, so connections without a request were closed; "+
					"too_large: headers longer than any platform's; malformed: not an HTTP request; path: unknown path")
		})
	}
}

// newServer makes a server with limits on time and size of a request.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout + adapters.BodyTime,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(&sparseHandler{Handler: log.Handler()}, slog.LevelWarn),
	}
}

// serveHTTP serves a listener until ctx is done, then finishes the requests in flight.
func serveHTTP(ctx context.Context, l *limitListener, h http.Handler, log *slog.Logger) error {
	server := newServer(h, log)
	ended := make(chan error, 1)
	go func() { ended <- l.serve(server) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		log.Warn("requests were cut off at shutdown", "error", err)
		_ = server.Close()
	}
	<-ended
	return nil
}

// sparseHandler limits the log lines of net/http, which any client can cause.
type sparseHandler struct {
	slog.Handler
	sparse adapters.Sparse
}

// Handle implements [slog.Handler].
func (h *sparseHandler) Handle(ctx context.Context, r slog.Record) error {
	h.sparse.Log(func(n int) {
		r.Message = strings.TrimSpace(r.Message)
		r.AddAttrs(slog.Int("count", n))
		_ = h.Handler.Handle(context.WithoutCancel(ctx), r) // a failing log cannot log its failure
	})
	return nil
}

// nothingHere answers requests for unknown paths.
func nothingHere(w http.ResponseWriter, r *http.Request) {
	connOf(r).listener.refuse(adapters.Path)
	adapters.Say(w, http.StatusNotFound, "there is nothing here")
}
