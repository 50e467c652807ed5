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

// Time-outs of the HTTP servers. Requests are small and answered at once; their
// bodies have adapters.BodyTime.
const (
	headerTimeout = 3 * time.Second
	writeTimeout  = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	shutdownTime  = 4 * time.Second // for requests at the end; replies have five
)

const (
	// mostPlaces is how many connections the platforms' listener has at once.
	// 200 questions a second that take a second each need as many. Strangers who
	// hold all of them make the program grow by 11 MB if they are silent, and by
	// 25 MB with the longest headers (BenchmarkHostile).
	mostPlaces = 256
	// mostPrivate is the same for the private listener: a few who look at
	// health and metrics, even if others have found it.
	mostPrivate = 64
	// ownFiles is how many descriptors are left at least for what is neither:
	// some 12 for standard streams, listeners, the runtime and the knowledge
	// file, the rest for calls to the platforms.
	ownFiles = 40
	// fewestPlaces is what a listener needs to be of use.
	fewestPlaces = 8
	// fewestFiles is what a program needs that serves platforms over HTTP.
	fewestFiles = ownFiles + 2*fewestPlaces
)

// places shares descriptors out: how many connections the platforms' listener
// and the private one may have.
func places(files uint64) (public, private int, err error) {
	private = int(min(max(files/16, fewestPlaces), mostPrivate))
	if files < fewestFiles {
		return 0, private, fmt.Errorf("this process may have %d files and connections open at a time, and it needs %d; "+
			"allow %d with ulimit -n, or LimitNOFILE of systemd",
			files, fewestFiles, ownFiles+mostPrivate+mostPlaces)
	}
	return int(min(files-ownFiles-uint64(private), mostPlaces)), private, nil
}

// refused counts and logs what came to a listener and was for no adapter.
func (p *service) refused(listener string) func(adapters.Reason) {
	var sparse adapters.Sparse
	return func(why adapters.Reason) {
		p.metrics.refuse(noAdapter, string(why))
		sparse.Log(func(n int) {
			p.log.Warn("refused what is for no platform", "for", listener, "count", n, "latest", string(why), "means",
				"busy: all places were taken, and connections without a request made room for others; "+
					"too_large: headers longer than any platform's; malformed: no HTTP request; path: nothing is there")
		})
	}
}

// newServer makes a server with bounds on what a request may be.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout + adapters.BodyTime,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(&sparseHandler{Handler: log.Handler()}, slog.LevelWarn),
	}
}

// serveHTTP serves a listener until ctx is done, and then what is under way.
func serveHTTP(ctx context.Context, g *gate, h http.Handler, log *slog.Logger) error {
	server := newServer(h, log)
	ended := make(chan error, 1)
	go func() { ended <- g.serve(server) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", g.Addr(), err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		log.Warn("requests were cut off at the end", "error", err)
		_ = server.Close() // whoever is left has had its time
	}
	<-ended
	return nil
}

// sparseHandler logs sparsely what net/http has to say: strangers can cause it.
type sparseHandler struct {
	slog.Handler
	sparse adapters.Sparse
}

// Handle implements [slog.Handler].
func (h *sparseHandler) Handle(ctx context.Context, r slog.Record) error {
	h.sparse.Log(func(n int) {
		r.Message = strings.TrimSpace(r.Message)
		r.AddAttrs(slog.Int("count", n))
		_ = h.Handler.Handle(context.WithoutCancel(ctx), r) // where a log cannot be written, nothing can be told
	})
	return nil
}

// nothingHere answers for paths that nothing is at.
func nothingHere(w http.ResponseWriter, r *http.Request) {
	guestOf(r).gate.refuse(adapters.Path)
	adapters.Say(w, http.StatusNotFound, "there is nothing here")
}
