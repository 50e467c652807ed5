// Package adapters has what the platform adapters share. Each adapter package below it
// receives questions from one platform and shows the answers there. Adapters import this
// package, package bot and the text tree (knowledge/text), and never each other. If an
// error names the platform, the adapter passes the name in.
//
// The packages slack/socketmode and discord/gateway, which keep the connections, must not
// import package bot; what they share with the adapters is in package network.
//
//	intake.go   incoming events: duplicates dropped, a limit on events in flight, shutdown
//	memory.go   ids of events seen; which answer belongs to which question; what a platform
//	            said of people and places, cached
//	call.go     calls to a platform, retried where that is safe
//	holds.go    pauses that a platform asks for (rate limits)
//	queue.go    the order in which calls wait for a platform's limit of all calls
//	probe.go    a regular call that checks whether the platform accepts calls
//	answers.go  keeps track of whether answers can be delivered
//	ask.go      questions to the desk, and the log line and metrics of each reply
//	examine.go  the findings of frontdesk doctor, and why a platform was not reached
//	door.go     verifies signature and age of HTTP requests; a repeated one is dropped in
//	            intake.go, or refused in discord/http.go
//	body.go     memory for request bodies that are not verified yet, under one shared limit
//	refuse.go   rejected HTTP requests: the response, the metric, the log line
//	sparse.go   rate-limited log lines
//	clock.go    how far this machine's clock is from the platform's
//	health.go   joins the state of the connection and of the calls to one state
package adapters
