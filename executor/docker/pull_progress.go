package docker

import (
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/types/jsonstream"
)

// pullLineInterval is the minimum time between two progress lines of a pull.
const pullLineInterval = 500 * time.Millisecond

// pullProgress reduces the thousands of messages of a pull to a few lines. A line shows the progress of the whole
// image, at most twice a second and at the end. Then come the engine's last messages: the digest, and whether the image
// is newer.
type pullProgress struct {
	line   func(string)
	now    func() time.Time
	layers map[string]*layer
	// nextLineAt is the earliest time of the next line. lastLine is the last line.
	nextLineAt time.Time
	lastLine   string
}

// layer is the progress of one layer of an image.
type layer struct {
	// current and total are in bytes, and zero before the download.
	current, total int64
	isComplete     bool
	isRetrying     bool
}

// newPullProgress sends the lines to line. A nil function drops the lines.
func newPullProgress(line func(string), now func() time.Time) *pullProgress {
	if line == nil {
		line = func(string) {}
	}
	return &pullProgress{line: line, now: now, layers: map[string]*layer{}, nextLineAt: now().Add(pullLineInterval)}
}

func (p *pullProgress) add(m jsonstream.Message) {
	switch {
	case m.Status == "" || strings.HasPrefix(m.Status, "Pulling from "): // the id is a tag, not a layer
	case m.ID == "":
		p.end()
		p.line(m.Status)
	default:
		p.update(m)
		if now := p.now(); !now.Before(p.nextLineAt) {
			p.printChanged()
			p.nextLineAt = now.Add(pullLineInterval)
		}
	}
}

// end prints the last progress, if not printed yet.
func (p *pullProgress) end() { p.printChanged() }

func (p *pullProgress) printChanged() {
	if text := p.text(); text != p.lastLine {
		p.lastLine = text
		p.line(text)
	}
}

func (p *pullProgress) update(m jsonstream.Message) {
	l := p.layers[m.ID]
	if l == nil {
		l = &layer{}
		p.layers[m.ID] = l
	}
	l.isRetrying = strings.HasPrefix(m.Status, "Retrying")
	switch m.Status {
	case "Downloading":
		if m.Progress != nil {
			l.current, l.total = m.Progress.Current, max(m.Progress.Total, m.Progress.Current)
		}
	case "Download complete":
		l.current = l.total
	case "Pull complete", "Already exists":
		l.current, l.isComplete = l.total, true
	}
}

// text returns the progress. Before the first known layer, the text is empty.
func (p *pullProgress) text() string {
	var whole layer
	complete := 0
	for _, l := range p.layers {
		whole.current += l.current
		whole.total += l.total
		whole.isRetrying = whole.isRetrying || l.isRetrying
		if l.isComplete {
			complete++
		}
	}
	if len(p.layers) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d layers", complete, len(p.layers))
	switch {
	case whole.total > 0 && whole.current == whole.total:
		text += ", " + bytesText(whole.total)
	case whole.total > 0:
		text += fmt.Sprintf(", %s of %s", bytesText(whole.current), bytesText(whole.total))
	}
	if whole.isRetrying {
		text += ", the registry is asked again"
	}
	return text
}

func bytesText(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
