package view

import (
	"sync"

	"github.com/sirupsen/logrus"

	"tasks/internal/plaintext"
)

// RedirectLoadWarnings prints the warnings of the compose loader as lines of this program. The loader logs through
// logrus, for example about variables without a value.
func RedirectLoadWarnings(p *Printer) {
	logrus.SetOutput(styledStderr(p))
	logrus.SetFormatter(&warningFormatter{printer: p, printed: map[string]bool{}})
}

// warningFormatter formats each warning once: a process may load the same project several times.
type warningFormatter struct {
	printer *Printer
	mu      sync.Mutex
	printed map[string]bool
}

// Format implements [logrus.Formatter].
func (f *warningFormatter) Format(e *logrus.Entry) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := paintText(f.printer.hasColor.Load(), yellow, e.Level.String()+": "+plaintext.Message(e.Message)) + "\n"
	if f.printed[line] {
		return nil, nil
	}
	f.printed[line] = true
	return []byte(line), nil
}
