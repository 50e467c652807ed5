package main

import (
	"net/http"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/bot/journal"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the program's metrics. No label value comes from people's texts or from
// the knowledge file.
type metrics struct {
	registry  *prometheus.Registry
	questions *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	incidents *prometheus.CounterVec
	refused   *prometheus.CounterVec
	reloads   *prometheus.CounterVec
	canary    prometheus.Gauge
	loaded    prometheus.Gauge
	state     *prometheus.GaugeVec
	missed    prometheus.Counter
	replicas  *prometheus.GaugeVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		questions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_questions_total", Help: "Questions that got a reply, by outcome.",
		}, []string{"adapter", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "frontdesk_reply_seconds", Help: "Time from an event until the platform has received the reply.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 3, 10, 60},
		}, []string{"adapter"}),
		incidents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_incidents_total",
			Help: "Incidents that should be rare: reconnected, rate_limited (429), unclear (perhaps posted) and " +
				"unanswered replies.",
		}, []string{"adapter", "incident"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: refusedName,
			Help: "Rejected HTTP requests, by reason; adapter \"none\" counts those that reached no adapter, and " +
				"connections closed without a request.",
		}, []string{"adapter", "reason"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_reloads_total",
			Help: "New knowledge files, by result: used, refused for errors, held to be confirmed.",
		}, []string{"result"}),
		canary: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "frontdesk_canary_right", Help: "1 if the canary question is answered right, else 0.",
		}),
		loaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "frontdesk_knowledge_loaded_timestamp_seconds", Help: "When the knowledge file in use was read.",
		}),
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "frontdesk_part_state", Help: "1 for the current state of a part, else 0.",
		}, []string{"part", "state"}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "frontdesk_store_missed_total",
			Help: "Changes and look-ups that the store did not take in time; memory took over.",
		}),
		replicas: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "frontdesk_replica_info",
			Help: "1 for each replica on the same PostgreSQL, this one among them, with its version of the knowledge file.",
		}, []string{"replica", "file"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "frontdesk_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version()},
	})
	info.Set(1)
	m.registry.MustRegister(m.questions, m.seconds, m.incidents, m.refused, m.reloads, m.canary, m.loaded,
		m.state, m.missed, m.replicas, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, r := range []string{reloadUsed, reloadRefused, reloadHeld} {
		m.reloads.WithLabelValues(r) // starts at 0, so that rate() sees the first one
	}
	return m
}

// The results of a reload.
const (
	reloadUsed    = "used"
	reloadRefused = "refused"
	reloadHeld    = "held"
)

// handler serves /metrics.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// monitor counts an adapter's events.
func (m *metrics) monitor(adapter string) bot.Monitor {
	for _, i := range []bot.Incident{bot.Reconnected, bot.RateLimited, bot.Unclear, bot.Unanswered} {
		m.incidents.WithLabelValues(adapter, i.String())
	}
	for _, r := range adapters.Reasons() {
		m.refused.WithLabelValues(adapter, string(r))
	}
	for _, o := range []bot.Outcome{bot.Answered, bot.Suggested, bot.Declined} {
		m.questions.WithLabelValues(adapter, o.String())
	}
	seconds := m.seconds.WithLabelValues(adapter)
	return bot.Monitor{
		State: func(s bot.State) { m.setState(adapter, s.Phase) },
		Replied: func(o bot.Outcome, took time.Duration) {
			m.questions.WithLabelValues(adapter, o.String()).Inc()
			seconds.Observe(took.Seconds())
		},
		Count:   func(i bot.Incident) { m.incidents.WithLabelValues(adapter, i.String()).Inc() },
		Refused: func(why string) { m.refuse(adapter, why) },
	}
}

// refusedName is the name of the counter of rejected requests.
const refusedName = "frontdesk_refused_requests_total"

// noAdapter is the label of requests that reached no adapter.
const noAdapter = "none"

// refuse counts a rejected request.
func (m *metrics) refuse(adapter, why string) { m.refused.WithLabelValues(adapter, why).Inc() }

// setReplicas sets the replicas that run.
func (m *metrics) setReplicas(list []journal.Replica) {
	m.replicas.Reset()
	for _, r := range list {
		m.replicas.WithLabelValues(r.Name, r.File).Set(1)
	}
}

func (m *metrics) setState(part string, is bot.Phase) {
	for _, p := range bot.Phases {
		value := 0.0
		if p == is {
			value = 1
		}
		m.state.WithLabelValues(part, p.String()).Set(value)
	}
}
