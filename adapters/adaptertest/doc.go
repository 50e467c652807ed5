// Package adaptertest has the test tools for adapters: their contract as a test
// suite ([Contract]), answers of every kind ([Answers]), and stand-ins for the
// platforms that speak their protocols over real sockets ([Slack], [Discord]).
//
//	contract.go      what every adapter must do
//	answers.go       answers of every kind
//	inbox.go         what admins see of the inbox
//	states.go        a record of states, and of a log
//	wire.go          for both stand-ins: calls, faults, waiting without sleeping
//	lines.go         for both stand-ins: their WebSocket connections
//	sockets.go       closing WebSocket connections when a stand-in stops
//	gone.go          a platform that cannot be reached
//	slack.go         Slack's Web API
//	slackscopes.go   which scopes a method of Slack's needs
//	blocks.go        which blocks Slack refuses
//	slacksends.go    what Slack sends: Socket Mode, signed requests
//	discord.go       Discord's REST API
//	discordrules.go  which messages and commands Discord refuses
//	discordforms.go  which forms Discord refuses, and filling them in
//	discordsends.go  what Discord sends: the gateway, signed interactions
//
// The stand-ins are written from the platforms' documentation, in raw JSON.
// They share no code with the client libraries, so that a mistake there or in
// an adapter cannot hide on both sides. They refuse what the platform would
// refuse.
package adaptertest
