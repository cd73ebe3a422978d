// Package wire is what the prober and those who start it agree on. It imports nothing, so that the prober stays small.
package wire

// The prober's settings are variables of its environment.
const (
	// Kind is TCP or HTTP.
	Kind = "TASKS_PROBER"
	// Addresses are entries separated by spaces, each "HEX/PORT/TEXT": the bytes of an IP address, a port, and both as
	// they are shown.
	Addresses = "TASKS_PROBER_ADDRESSES"
	// Host and Path are those of the HTTP request.
	Host = "TASKS_PROBER_HOST"
	Path = "TASKS_PROBER_PATH"
	// Interval is the pause between two tries, Timeout the time after which the prober gives up, in milliseconds.
	Interval = "TASKS_PROBER_INTERVAL_MS"
	Timeout  = "TASKS_PROBER_TIMEOUT_MS"

	// Mark is the variable, "NAME=VALUE", by which the processes of a command are known, and has them signalled; Signal is the
	// number of the signal.
	Mark   = "TASKS_PROBER_MARK"
	Signal = "TASKS_PROBER_SIGNAL"
)

// The kinds of a probe.
const (
	TCP  = "tcp"
	HTTP = "http"
)

// The prober's exit codes. Before GaveUp it has printed why the tries failed: a line whenever the reason changes.
const (
	Ready  = 0
	GaveUp = 1
	Misuse = 2
	// Nobody says that no process has the mark.
	Nobody = 3
)

// AnswerLimit is how many bytes of an answer are enough for [Verdict].
const AnswerLimit = 256

// Request is what a web server is asked.
func Request(host, path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: tasks\r\nAccept: */*\r\nConnection: close\r\n\r\n"
}

// Verdict reads the beginning of a web server's answer: its first line is wanted whole, or AnswerLimit bytes. No failure
// means a 2xx or 3xx.
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

// printable is short, and harmless at a terminal.
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
