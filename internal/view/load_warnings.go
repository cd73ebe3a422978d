package view

import (
	"sync"

	"github.com/sirupsen/logrus"

	"tasks/internal/plaintext"
)

// placeField is the field of a warning with the place in a file.
const placeField = "place"

// RedirectLoadWarnings prints the warnings of the compose loader as lines of this program. The loader logs through
// logrus. onUnset prints the warning about a variable without a value; the place may be empty.
func RedirectLoadWarnings(p *Printer) (onUnset func(place, name string)) {
	logrus.SetOutput(styledStderr(p))
	logrus.SetFormatter(&warningFormatter{printer: p, printed: map[string]bool{}})
	return func(place, name string) {
		entry := logrus.WithFields(logrus.Fields{})
		if place != "" {
			entry = entry.WithField(placeField, place)
		}
		entry.Warnf("The %q variable is not set. Defaulting to a blank string.", name)
	}
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
	text := e.Level.String() + ": " + plaintext.Message(e.Message)
	if place, ok := e.Data[placeField].(string); ok {
		text = plaintext.Message(place) + ": " + text
	}
	line := paintText(f.printer.hasColor.Load(), yellow, text) + "\n"
	if f.printed[line] {
		return nil, nil
	}
	f.printed[line] = true
	return []byte(line), nil
}
