// Package enginetest holds what tests of and with an [engine.Engine] share: [Memory], an engine without containers,
// which rejects calls in an order that a run must never make; and [Conformance], one suite that it and the real engine
// both pass, so that what is tested on the one holds on the other.
//
// A container of Memory does what its environment says, and [Script] makes a real container do the same:
//
//	SLEEP            how long the process runs ("2s", "forever"); unset: a one-off ends at once, a service never
//	                 (unless EXIT_CODE is set)
//	EXIT_CODE        its exit code; 0
//	STDOUT, STDERR   what it prints when it starts
//	ECHO_STDIN       "1": it copies its input to its output, and ends when that ends
//	IGNORE_SIGNALS   signals that do not end it, "TERM,INT"
//
// Only Memory knows these:
//
//	START_FAIL       the start fails with this code, 126 or 127
//	HOLDER_FAIL      the command that removes the holder's file in a standby ends with this code
//	HEALTHY_AFTER    the engine says healthy this long after the start
//	UNHEALTHY_AFTER  the engine says unhealthy this long after the start
//	PROBE_OK_AFTER   a healthcheck run by exec succeeds this long after the start; unset: HEALTHY_AFTER
//	EXEC_DELAY       how long a command run by exec takes; 0
//	STDOUT_AFTER     STDOUT is printed this long after the start; 0
//	NO_LOG           "1": its log cannot be read
//	OUT_OF_MEMORY    "1": the engine says that the kernel killed it for the lack of memory
//	PORT_OPEN_AFTER  its ports, all of them, accept connections from then on; unset: never
//	PORT_ANSWER      the status that a web server there answers with: "503 Service Unavailable"; 200 OK
//	NO_ROUTE         "1": it cannot be reached from here, only from its own network
//
// A container with a Hold waits after its start for SIGUSR1. A command with START_FAIL is refused then.
//
// A container with the settings of the prober (internal/prober) does as that does.
//
// The restart policy of a service starts its container again, as that of the real engine does.
//
// A service with a healthcheck and without HEALTHY_AFTER becomes healthy at the first multiple of the interval at which
// a probe would succeed.
package enginetest
