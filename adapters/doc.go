// Package adapters has what the adapters share. The packages below it carry questions in
// from one platform each; they import this one, package bot and the text tree, and never
// each other. What is here holds for every platform; where an error has to name one, the
// adapter gives its name. Package network, below, has what the packages of the connections
// use as well, which know no bot.
//
//	intake.go   events on their way: repeats dropped, a bound on how many, the end
//	memory.go   what was seen, and which answer belongs to which question
//	call.go     calls to a platform: again where that is safe, never twice else
//	holds.go    … after the pauses that the platform asks for
//	pulse.go    a call now and then that shows whether the platform takes calls
//	answers.go  whether the calls that bring answers arrive
//	ask.go      questions to the desk, whatever breaks there
//	examine.go  what an examination of a platform finds, and why it was not reached
//	door.go     requests of a platform over HTTP, known by their signature
//	body.go     … whose bodies share one bound until it is checked
//	refuse.go   … and what is said of those that are not taken
//	sparse.go   lines of the log that others could cause without end
//	clock.go    how far the clock of this machine is from the platform's
//	health.go   the connection and what troubles the calls, as one state: does it serve, is anything wrong
package adapters
