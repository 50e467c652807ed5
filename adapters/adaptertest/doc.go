// Package adaptertest is what adapters are tested with: their contract as one
// suite ([Contract]), answers of every kind to show ([Answers]), and platforms
// on the wire to talk to ([Slack], [Discord]).
//
//	contract.go      what every adapter must do
//	answers.go       answers of every kind; states.go: a record of states and of a log
//	wire.go          what the stand-ins share: calls, faults, waiting without sleeping
//	lines.go         … and their WebSocket connections; sockets.go: the end of these;
//	                 gone.go: a platform that cannot be reached
//	slack.go         Slack's Web API; blocks.go: which messages it refuses
//	slacksends.go    what it sends: Socket Mode, signed requests
//	discord.go       Discord's REST API; discordrules.go: which messages it refuses
//	discordsends.go  what it sends: the gateway, signed interactions
//
// The stand-ins are written from the platforms' documentation, in raw JSON.
// They share no code with the client libraries, so that a mistake there or in
// an adapter cannot hide on both sides. They are strict: what the platform
// would refuse, they refuse.
package adaptertest
