package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/discord/gateway"
	"frontdesk/bot"
)

// intents subscribe to messages in servers (only those that mention the bot have a text)
// and to direct messages.
const intents = 1<<9 | 1<<12

// mostShards is the upper limit of the shards that Discord recommends: it recommends one
// for a thousand servers.
const mostShards = 256

// closeRemedies says what to do about the close codes that are final.
var closeRemedies = map[int]string{
	4004: "the token is refused (4004); " + badToken,
	4010: "the shard is refused (4010): check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT",
	4011: "the bot is in too many servers for so few shards (4011): raise FRONTDESK_DISCORD_SHARD_COUNT, or set it " +
		"to auto",
	4012: "this version of the gateway is no longer served (4012): update frontdesk",
	4013: "the intents are not known (4013): update frontdesk",
	4014: "the intents are not allowed (4014): none of them needs to be switched on, so check that DISCORD_BOT_TOKEN " +
		"is a bot's",
}

// serveGateway receives events over the gateway until ctx is done or an error is final.
func (s *session) serveGateway(ctx context.Context) error {
	g := gateway.Gateway{
		Log: s.log, Token: s.settings.BotToken, Intents: intents,
		Info: s.gatewayInfo, Shards: s.shards, Take: s.takeDispatch, State: s.connected,
		Unread: func(err error) { s.unread("", err) },
		Again:  func() { s.monitor.Happened(bot.Reconnected) },
		Pause:  s.client.Pause, Identify: s.timing.identify, Invalid: s.timing.invalid,
	}
	err := g.Run(ctx)
	if closed := (gateway.Closed{}); errors.As(err, &closed) && closeRemedies[closed.Code] != "" {
		return errors.New(closeRemedies[closed.Code])
	}
	return err
}

// gatewayInfo asks Discord for the gateway's address, in one try.
func (s *session) gatewayInfo(ctx context.Context) (gateway.Info, error) {
	info, err := s.client.gateway(ctx)
	if err != nil && judge(err, true).Failure == adapters.Refused {
		return info, gateway.Final{Err: err}
	}
	return info, err
}

// shards returns the shards of this process, of how many.
func (s *session) shards(recommended int) (ids []int, of int, err error) {
	of, ids = cmp.Or(s.settings.ShardCount, recommended), s.settings.Shards
	if len(ids) == 0 {
		for i := range of {
			ids = append(ids, i)
		}
	}
	if last := slices.Max(ids); last >= of {
		return nil, 0, fmt.Errorf(
			"there is no shard %d of %d: check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT", last, of)
	}
	return ids, of, nil
}

// takeDispatch accepts an event of the gateway. READY, the first event of a session, has
// the bot's id.
func (s *session) takeDispatch(kind string, data []byte) {
	if kind != "READY" {
		s.take(kind, data)
		return
	}
	var ready struct {
		User user `json:"user"`
	}
	if err := json.Unmarshal(data, &ready); err != nil {
		s.unread("", fmt.Errorf("read READY: %w", err))
	} else if ready.User.ID != "" {
		s.me.Store(ready.User.ID)
	}
}

// connected reports the state of the shards to health.
func (s *session) connected(are gateway.State, why string) {
	s.health.Connection(map[gateway.State]bot.Phase{
		gateway.Ready: bot.Ready, gateway.Partly: bot.Degraded, gateway.Connecting: bot.Connecting,
		gateway.Down: bot.Down, gateway.Failed: bot.Failed,
	}[are], why)
}

// gateway asks for the gateway's address (events/gateway#get-gateway-bot).
func (c *client) gateway(ctx context.Context) (gateway.Info, error) {
	info := gateway.Info{Limit: gateway.Limit{Remaining: 1}}
	what := call{Method: "GET gateway/bot", Again: true}
	_, err := c.Once(ctx, what, time.Now().Add(adapters.TryTime), func(ctx context.Context) error {
		return c.once(ctx, what, http.MethodGet, "gateway/bot", nil, &info)
	})
	info.Shards, info.Limit.AtOnce = min(max(info.Shards, 1), mostShards), max(info.Limit.AtOnce, 1)
	return info, err
}
