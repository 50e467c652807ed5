// Package adapters has what the platform adapters share. The packages below it carry
// questions in from one platform each; they import this one, package bot and the text
// tree, and never each other. Nothing here depends on the platform; where an error has to
// name it, the adapter passes the name. Package network, below, has what the connection
// packages need too, which do not know package bot.
//
//	intake.go   incoming events: duplicates dropped, a limit on events in flight, shutdown
//	memory.go   ids of events seen, which answer belongs to which question, cached lookups
//	call.go     calls to a platform, retried where that is safe
//	holds.go    pauses that a platform asks for (rate limits)
//	probe.go    a regular call that checks whether the platform accepts calls
//	answers.go  whether the calls that deliver answers succeed
//	ask.go      questions to the desk, and the log line and metrics of each reply
//	examine.go  the findings of a doctor run, and why a platform was not reached
//	door.go     incoming HTTP requests, whose signature is verified
//	body.go     memory for request bodies that are not verified yet, under one shared limit
//	refuse.go   rejected HTTP requests: the response, the metric, the log line
//	sparse.go   rate-limited log lines
//	clock.go    how far this machine's clock is from the platform's
//	health.go   the connection and the trouble with calls, joined to one state
package adapters
