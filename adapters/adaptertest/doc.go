// Package adaptertest is what adapters are tested with: their contract as one
// suite ([Contract]), answers of every kind to show ([Answers]), and platforms
// on the wire to talk to ([Slack]).
//
// The stand-ins are written from the platforms' documentation, in raw JSON.
// They share no code with the client libraries, so that a mistake there or in
// an adapter cannot hide on both sides. They are strict: what the platform
// would refuse, they refuse.
package adaptertest
