// Package wire is the protocol between the prober and its callers. To keep the prober small, wire imports nothing.
package wire

// The prober's settings are environment variables.
const (
	// Kind is TCP or HTTP.
	Kind = "TASKS_PROBER"
	// Addresses are entries "HEX/PORT/TEXT", separated by spaces: the bytes of an IP address, a port, and a text for
	// messages.
	Addresses = "TASKS_PROBER_ADDRESSES"
	// Host and Path belong to the HTTP request.
	Host = "TASKS_PROBER_HOST"
	Path = "TASKS_PROBER_PATH"
	// Interval is the pause between two tries. The prober gives up after Timeout. Both are in milliseconds.
	Interval = "TASKS_PROBER_INTERVAL_MS"
	Timeout  = "TASKS_PROBER_TIMEOUT_MS"

	// Mark is the variable "NAME=VALUE" in the environment of a command's processes. A mark selects signalling instead
	// of a probe. Signal is the number of the signal.
	Mark   = "TASKS_PROBER_MARK"
	Signal = "TASKS_PROBER_SIGNAL"

	// Tunnel selects a part of the forwarding of ports: Hold or Connect.
	Tunnel = "TASKS_PROBER_TUNNEL"
)

// The values of [Tunnel].
const (
	// Hold runs until the end of stdin.
	Hold = "hold"
	// Connect connects stdin and stdout to the first address that accepts a connection.
	Connect = "connect"
)

// The kinds of a probe.
const (
	TCP  = "tcp"
	HTTP = "http"
)

// The prober's exit codes. Before GaveUp, the prober prints the reason of the failures, a line for each change of the
// reason.
const (
	Ready  = 0
	GaveUp = 1
	Misuse = 2
	// NoProcess means that no process has the mark.
	NoProcess = 3
)

// AnswerLimit is the number of bytes of an answer that [Verdict] needs.
const AnswerLimit = 256

// Request returns the HTTP request.
func Request(host, path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + host +
		"\r\nUser-Agent: tasks\r\nAccept: */*\r\nConnection: close\r\n\r\n"
}

// Verdict reads the start of a web server's answer: the whole first line, or AnswerLimit bytes. An empty failure means
// a 2xx or 3xx.
func Verdict(answer string) (failure string) {
	line := firstLine(answer)
	const code = len("HTTP/1.1 ")
	switch {
	case line == "":
		return "closed the connection without an answer"
	case len(line) < code+3 || line[:5] != "HTTP/" || line[code-1] != ' ':
		return "does not speak HTTP: " + printable(line)
	case line[code] == '2' || line[code] == '3':
		return ""
	}
	return "answers " + printable(line[code:])
}

func firstLine(text string) string {
	for i := range len(text) {
		if text[i] == '\r' || text[i] == '\n' {
			return text[:i]
		}
	}
	return text
}

// printable returns a short text without control characters.
func printable(text string) string {
	const most = 60
	shown := []byte(text[:min(len(text), most)])
	for i, c := range shown {
		if c < ' ' || c > '~' {
			shown[i] = '?'
		}
	}
	return string(shown)
}
