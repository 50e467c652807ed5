package slack

import "time"

// Slack has two interfaces for apps like this one. New apps only have the agent messaging
// experience: direct messages, each answered in its thread. Older apps may have the
// assistant pane, where each chat is a thread that assistant_thread_started announces
// (docs.slack.dev/ai/migrating-to-agent-messaging).

// answerThread returns the thread to answer a question in, or "".
func (s *session) answerThread(e event) string {
	if e.direct && !s.features.Assistant {
		return e.thread
	}
	return first(e.thread, e.ts)
}

// suggest shows questions to try in a chat that somebody opened. In the agent messaging
// experience no thread is named: with one the call has no effect
// (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts).
func (s *session) suggest(e event) error {
	if e.thread != "" {
		s.panes.Add(time.Now(), e.channel+" "+e.thread)
	} else if !s.features.Assistant {
		return nil // the Messages tab of an app without either interface
	}
	questions := s.asking.Directory(s.alone(e)).Examples
	if len(questions) == 0 {
		return nil
	}
	return s.client.prompt(s.work, e.channel, e.thread, questions)
}

// noStatus are Slack's error codes for an app or a chat that can show no status.
var noStatus = map[string]bool{
	"missing_scope": true, "unknown_method": true, "method_not_supported_for_channel_type": true,
	"not_allowed": true, "invalid_thread_ts": true,
}

// sayThinking shows a status in a thread. After the first error that says that there is
// none, it does nothing.
func (s *session) sayThinking(channel, thread string) {
	if s.noStatus.Load() || !s.features.Assistant && !s.panes.Has(channel+" "+thread) {
		return
	}
	if err := s.client.status(s.work, channel, thread); noStatus[slackCode(err)] && !s.noStatus.Swap(true) {
		s.log.Info("this app can show no status", "because", err)
	}
}
